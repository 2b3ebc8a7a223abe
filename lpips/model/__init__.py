"""The metric: trunk, heads, checkpoints."""
