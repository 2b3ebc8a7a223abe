"""Load a folder of models: register its operator."""

from __future__ import annotations

from pathlib import Path

from bappsmith.distortions.cnn.loading import BANK_NAME
from bappsmith.distortions.registry import operators, register, register_hint
from bappsmith.distortions.restoration.super_resolution.superres_ncnn import SuperresNcnn
from bappsmith.manifests.errors import BappsmithError

from .model_folder import read_models


def load_models(root: Path | str, name: str = "") -> list[str]:
    """Register the operator of a folder of ncnn models. Loading the same folder again changes nothing.

    Args:
        root: the folder.
        name: distinguishes several folders: with the name "anime", the operator is `anime_superres_ncnn`. Lower-case
            letters, digits and underscores.

    Returns:
        The operator's name.

    Raises:
        BappsmithError: the folder or one of its models is invalid (see `read_models`), the name is invalid, or
            another folder is loaded under that name.
    """
    if name and not BANK_NAME.fullmatch(name):
        raise BappsmithError(
            f"the name of a folder must have only lower-case letters, digits and underscores; found '{name}'"
        )
    op = SuperresNcnn(read_models(root), f"{name}_{SuperresNcnn.name}" if name else "")
    registered = operators().get(op.name)
    if registered is None:
        register(op)
    elif registered.content != op.content:
        raise BappsmithError(
            f"{root}: an operator '{op.name}' of another folder or file is loaded; give this folder another name, such "
            f"as other={root}"
        )
    return [op.name]


def _missing_folder(name: str) -> str | None:
    kind = SuperresNcnn.name
    if name != kind and not name.endswith(f"_{kind}"):
        return None
    prefix = name.removesuffix(kind).removesuffix("_")
    under = f" under the name {prefix}" * bool(prefix)
    return (
        f"it runs models of ncnn, and no folder of them is loaded{under}; give it with --plugin "
        f"{f'{prefix}=' * bool(prefix)}FOLDER"
    )


register_hint(_missing_folder)
