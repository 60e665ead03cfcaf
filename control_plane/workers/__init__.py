"""What a machine may ask of the control plane."""
