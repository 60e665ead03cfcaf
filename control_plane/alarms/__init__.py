"""Alarms: what a person must look at, on the first page of both windows and by every channel there is."""
