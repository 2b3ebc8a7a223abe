"""BAPPS subsets as tensors."""
