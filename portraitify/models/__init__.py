"""The networks, as plain torch modules: NCHW float tensors, pictures in -1 to 1."""
