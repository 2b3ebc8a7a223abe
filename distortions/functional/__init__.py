"""Pure functions of pixels that several operators share."""
