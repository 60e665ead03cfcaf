"""A person's judgement: tags, notes, fields, corrections and marks, with their history and their undoing."""
