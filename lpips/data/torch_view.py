"""Give items as tensors to torch.utils.data.DataLoader."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset as TorchDataset

from bappsmith.manifests.schema.subset_path import LABEL_FOLDER
from bappsmith.manifests.subset import Item

from .subset import to_signed


class TorchView(TorchDataset[dict[str, Tensor]]):
    """A map-style torch dataset over items: a subset of a `Dataset`, or a stream of triplets.

    An item is a dictionary: ref, p0 and p1 (JND: p0 and p1) as float32 3×H×W in [-1, 1], and `judge` (JND: `same`) as a
    float32 scalar in [0, 1].

    Args:
        items: a subset of a dataset, a `TripletStream`, or any sequence of items of one kind.

    Examples:
        >>> import bappsmith
        >>> from torch.utils.data import DataLoader
        >>> wanted = {"path": "2afc/train/tiny", "triplets": 3}
        >>> recipe = bappsmith.Recipe.from_dict({"name": "tiny", "subsets": [wanted]})
        >>> view = bappsmith.TorchView(bappsmith.TripletStream(recipe))
        >>> batch = next(iter(DataLoader(view, batch_size=3)))
        >>> batch["ref"].shape, batch["judge"].shape
        (torch.Size([3, 3, 64, 64]), torch.Size([3]))
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        item = self.items[index]
        label = LABEL_FOLDER["2afc" if "ref" in item.images else "jnd"]
        images = {folder: to_signed(torch.from_numpy(np.array(image))) for folder, image in item.images.items()}
        return {**images, label: torch.tensor(item.judgment)}
