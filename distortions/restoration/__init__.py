"""Real algorithms: degrade a patch, then restore it. Each folder is a family."""
