"""PIPAL, the training part (Gu et al. 2020): Train_Label/ beside Train_Ref/ and the distorted images."""

from __future__ import annotations

from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

from .files import images_by_stem, number, read_rows
from .mos_set import MosItem, MosSet

MARKER = "Train_Label"


def read_pipal(root: Path) -> MosSet:
    """Read the folder of PIPAL's training part.

    Train_Label/A0001.txt has lines `A0001_00_00.bmp,1500.1`: IMAGE_GROUP_NUMBER and an Elo score, higher for better
    images. Distorted images are anywhere below the folder but in Train_Ref (Train_Dist, or Distortion_1 to
    Distortion_4). The type is the number of the group.

    Raises:
        BappsmithError: a line has another form.
    """
    references = images_by_stem(root / "Train_Ref")
    folders = sorted(path for path in root.iterdir() if path.is_dir() and path.name not in ("Train_Ref", MARKER))
    distorted: dict[str, Path] = {}
    for folder in reversed(folders):
        distorted |= images_by_stem(folder)
    items = []
    for path in sorted((root / MARKER).glob("*.txt")):
        for line, cells in read_rows(path):
            parts = cells[0].rpartition(".")[0].split("_")
            if len(cells) != 2 or len(parts) != 3:
                raise BappsmithError(
                    f"{path}: line {line}: a name such as A0001_00_00.bmp and a score are needed, found "
                    f"'{printable(','.join(cells), 40)}'; restore the file"
                )
            items.append(
                MosItem(
                    references.get(parts[0].lower(), root / "Train_Ref" / f"{parts[0]}.bmp"),
                    distorted.get("_".join(parts).lower(), root / "Train_Dist" / cells[0]),
                    number(cells[1], path, line),
                    f"group {parts[1]}",
                )
            )
    return MosSet("PIPAL", root, True, tuple(items))
