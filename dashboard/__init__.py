"""The window: Streamlit pages over the control plane's HTTP API, and nothing else."""
