"""Load a bank: register its operators."""

from __future__ import annotations

import re
from pathlib import Path

from bappsmith.distortions.registry import operators, register, register_hint
from bappsmith.manifests.errors import BappsmithError

from .bank import read_bank
from .bank_operator import BankOperator
from .task import all_tasks, find_task

BANK_NAME = re.compile(r"[a-z][a-z0-9_]*")


def load_bank(root: Path | str, name: str = "") -> list[str]:
    """Register the operators of a bank. Other banks do not change. Loading the same bank again changes nothing.

    Args:
        root: the bank's folder.
        name: distinguishes several banks of one task. The operators of a bank of task `denoise` are `denoiser` and
            `reweighted_denoiser`; with the name "soft", `soft_denoiser` and `soft_reweighted_denoiser`. Lower-case
            letters, digits and underscores.

    Returns:
        Names of the bank's operators.

    Raises:
        BappsmithError: the folder is not a bank, its task is unknown, one of its files is missing, the name is
            invalid, or another bank of its task is loaded under that name.
    """
    if name and not BANK_NAME.fullmatch(name):
        raise BappsmithError(
            f"the name of a bank must have only lower-case letters, digits and underscores; found '{name}'"
        )
    bank = read_bank(root)
    missing = [network.path.name for network in bank.networks if not network.path.is_file()]
    if missing:
        raise BappsmithError(f"bank {bank.root}: {missing[0]} is missing; restore the file or train the bank again")
    prefix = f"{name}_" if name else ""
    bank_operators = [kind(bank, f"{prefix}{kind.name}") for kind in find_task(bank.task).operator_classes()]
    known = operators()
    for op in bank_operators:
        registered = known.get(op.name)
        if registered is not None and (registered.content, registered.learnt_from) != (op.content, op.learnt_from):
            raise BappsmithError(
                f"bank {bank.root}: an operator '{op.name}' of another bank or file is loaded; give this bank "
                f"another name, such as other={bank.root}"
            )
    for op in bank_operators:
        if op.name not in known:
            register(op)
    return [op.name for op in bank_operators]


def _missing_bank(name: str) -> str | None:
    suffixes = [(suffix, task.name) for task in all_tasks() for suffix in task.operators]
    for suffix, task in sorted(suffixes, key=lambda pair: -len(pair[0])):
        if name == suffix or name.endswith(f"_{suffix}"):
            bank = name.removesuffix(suffix).removesuffix("_")
            under = f" under the name {bank}" * bool(bank)
            banks = {op.bank.root: op.bank.task for op in operators().values() if isinstance(op, BankOperator)}
            others = "".join(f" ({root} is of task {other})" for root, other in banks.items() if other != task)
            return (
                f"it draws from a bank of networks of task {task}, and none is loaded{under}{others}; give its folder "
                f"with --bank {f'{bank}=' * bool(bank)}FOLDER (bappsmith bank train --task {task} makes one)"
            )
    return None


register_hint(_missing_bank)
