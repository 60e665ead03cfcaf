"""Sound and video: how long, when and where by their own account, and what is said."""
