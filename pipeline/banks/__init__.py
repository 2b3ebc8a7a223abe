"""Training banks of networks to distort with."""
