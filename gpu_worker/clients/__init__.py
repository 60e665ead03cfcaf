"""The wire: the queue, the control plane and object storage, as this machine's token may use them."""
