"""Google Drive: connecting one, listing its folders, reading its files."""
