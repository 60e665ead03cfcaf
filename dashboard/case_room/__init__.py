"""The case room: the window for work on evidence, server-rendered, over the control plane's API alone."""
