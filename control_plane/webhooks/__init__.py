"""Programs that want to hear what happens: signed posts to addresses that people name."""
