"""From photographs to a BAPPS dataset."""

from .replay import replay
from .run import generate
from .verify import verify

__all__ = ["generate", "replay", "verify"]
