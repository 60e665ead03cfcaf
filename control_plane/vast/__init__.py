"""Vast.ai as it really behaves, through its own command."""
