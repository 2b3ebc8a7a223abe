"""What to ask people about: which items, with a known probability each, and which of them next."""

from .next_items import next_priorities
from .select import select
from .selection_file import Selection, read_selection, write_selection

__all__ = ["Selection", "next_priorities", "read_selection", "select", "write_selection"]
