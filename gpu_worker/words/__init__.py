"""Whether letters are words, in any writing."""
