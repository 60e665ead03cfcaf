"""The room in which a render child works: layers of the kernel, each of which holds without the others (`enter.py`)."""
