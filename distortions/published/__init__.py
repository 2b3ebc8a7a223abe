"""Operators with the levels of published datasets: severity is their level, and is not calibrated."""
