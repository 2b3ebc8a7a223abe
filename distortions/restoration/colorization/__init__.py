"""Grey images coloured again from a few pixels whose colour is known."""
