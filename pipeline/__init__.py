"""Make BAPPS datasets from photographs."""
