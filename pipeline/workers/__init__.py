"""Where work runs: this process, local processes, clusters."""
