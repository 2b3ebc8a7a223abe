"""Finished datasets: verified, replayed, converted, sampled, split, merged."""
