"""From an opened file to the text of each of its pages."""
