"""What judges are given, what they give, and how votes are made of it. The judges are in `pipeline/judges`."""

from .judge import Figures, Judge
from .judged_items import JudgedItems
from .registry import register_judge

__all__ = ["Figures", "Judge", "JudgedItems", "register_judge"]
