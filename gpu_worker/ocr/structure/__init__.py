"""What stands on a page besides its words: check boxes and tables."""
