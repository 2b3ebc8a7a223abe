"""The command line, as `python -m bappsmith`: for processes that start it with their own interpreter."""

from bappsmith.cli.main import run

run()
