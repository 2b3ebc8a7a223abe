"""Loading a bank: its operators become known under names of their own."""

from __future__ import annotations

import re
from pathlib import Path

from bappsmith.distortions.registry import operators, register, register_hint
from bappsmith.manifests.errors import BappsmithError

from .bank import read_bank
from .denoiser import Denoiser
from .reweighted_denoiser import ReweightedDenoiser

BANK_NAME = re.compile(r"[a-z][a-z0-9_]*")


def load_bank(root: Path | str, name: str = "") -> list[str]:
    """Make the operators of a bank known. Other banks stay as they are; the same bank again changes nothing.

    Args:
        root: the bank's folder.
        name: tells several banks apart: the operators are `denoiser` and `reweighted_denoiser`, or with the name "soft"
            `soft_denoiser` and `soft_reweighted_denoiser`. Lower-case letters, digits and underscores.

    Returns:
        Names of the two operators.

    Raises:
        BappsmithError: the folder is no bank, one of its files is missing, the name is invalid, or another bank is
            loaded under that name.
    """
    if name and not BANK_NAME.fullmatch(name):
        raise BappsmithError(f"a bank's name has lower-case letters, digits and underscores; found '{name}'")
    bank = read_bank(root)
    missing = [network.path.name for network in bank.networks if not network.path.is_file()]
    if missing:
        raise BappsmithError(f"bank {bank.root}: {missing[0]} is missing")
    prefix = f"{name}_" if name else ""
    own = [kind(bank, f"{prefix}{kind.name}") for kind in (Denoiser, ReweightedDenoiser)]
    known = operators()
    for one in own:
        there = known.get(one.name)
        if there is not None and (there.content, there.learnt_from) != (one.content, one.learnt_from):
            raise BappsmithError(
                f"bank {bank.root}: an operator '{one.name}' of another bank or file is loaded; give this bank another "
                f"name, such as other={bank.root}"
            )
    for one in own:
        if one.name not in known:
            register(one)
    return [one.name for one in own]


def _missing_bank(name: str) -> str | None:
    for suffix in (f"reweighted_{Denoiser.name}", Denoiser.name):
        if name == suffix or name.endswith(f"_{suffix}"):
            bank = name.removesuffix(suffix).removesuffix("_")
            return (
                f"it draws from a bank of networks, and none is loaded{f' under the name {bank}' * bool(bank)}; give its "
                f"folder with --bank {f'{bank}=' * bool(bank)}FOLDER (bappsmith bank train makes one)"
            )
    return None


register_hint(_missing_bank)
