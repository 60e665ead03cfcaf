"""Do these words stand in the document? Pure, and importing nothing outside this folder but wordfreq."""
