"""The doors to the vendors: what pauses one, what opens it again, and the page that says so."""
