"""What a dataset is: recipes, rows, stored files, the seal. No torch, no dask, no cv2."""

from bappsmith.manifests.forms.bapps import find_subsets, read_subset
from bappsmith.manifests.schema.call import Chain, OperatorCall
from bappsmith.manifests.schema.subset_path import SubsetPath

from .errors import BappsmithError

__all__ = ["BappsmithError", "Chain", "OperatorCall", "SubsetPath", "find_subsets", "read_subset"]
