"""The detector and the recogniser, on a CPU and on a card."""
