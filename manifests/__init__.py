"""What the layers say to each other: recipes, triplet records, BAPPS folders, the ledger."""

from bappsmith.manifests.forms.bapps import find_subsets, read_subset
from bappsmith.manifests.schema.call import Chain, OperatorCall
from bappsmith.manifests.schema.subset_path import SubsetPath

from .errors import BappsmithError

__all__ = ["BappsmithError", "Chain", "OperatorCall", "SubsetPath", "find_subsets", "read_subset"]
