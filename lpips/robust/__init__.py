"""Metrics whose judgments are certified against small changes of the images, and attacks on any metric."""
