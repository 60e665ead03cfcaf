"""What waits to be judged by Claude, judging again, and the door to Claude."""
