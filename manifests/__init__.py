"""What the layers say to each other: recipes, triplet records, BAPPS folders, the ledger."""

from .bapps import SubsetPath, find_subsets, read_subset
from .errors import BappsmithError
from .spec import Chain, OperatorCall

__all__ = ["BappsmithError", "Chain", "OperatorCall", "SubsetPath", "find_subsets", "read_subset"]
