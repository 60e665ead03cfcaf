"""Office and web documents as the text that a person reads, with what they hide, comment and change named."""
