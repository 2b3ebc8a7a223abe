"""The settings of a training, from a file and from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bappsmith.lpips.robust.config import CertifiedConfig
    from bappsmith.lpips.training.config import TrainConfig

ANY_MODE = {
    "subset",
    "out",
    "val",
    "mode",
    "seed",
    "labels",
    "cache",
    "reduction",
    "config",
    "print_config",
    "as_json",
    "epochs",
    "learning_rate",
}
"""Parameters of every mode."""
CERTIFIED = {"embedding", "robustness"}
"""Parameters of mode certified alone."""
FIELDS = {"tap": "taps", "form": "forms"}
"""Parameter → field, where the names differ."""


def make_config(given: Mapping[str, Any], file: Path | None) -> TrainConfig | CertifiedConfig:
    """Merge a file of settings with the command line, which wins.

    Args:
        given: parameter → value, of those that the command line gives.
        file: YAML with fields of `TrainConfig`; or with mode certified and fields of `CertifiedConfig`. None: no file.

    Raises:
        BappsmithError: a setting is unknown or wrong, or an option belongs to another mode.
    """
    from bappsmith.lpips.training.config_file import read_config_file

    of_file = {} if file is None else read_config_file(file)
    mode = given.get("mode", of_file.get("mode", "lin"))
    refuse_misplaced(mode, set(given))
    wanted = {FIELDS.get(name, name): value for name, value in given.items()}
    return (_certified if mode == "certified" else _plain)(of_file, wanted, str(file))


def refuse_misplaced(mode: str, given: set[str]) -> None:
    """Refuse options that the mode does not use.

    Args:
        mode: the mode.
        given: names of the parameters that the command line gives.

    Raises:
        BappsmithError: an option belongs to another mode.
    """
    from bappsmith.manifests.errors import BappsmithError

    wrong = sorted(given - ANY_MODE - CERTIFIED if mode == "certified" else given & CERTIFIED)
    if wrong:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in wrong)
        raise BappsmithError(f"train: mode {mode} has no {options}; leave it out, or choose another mode")


def _plain(of_file: Mapping[str, Any], given: Mapping[str, Any], origin: str) -> TrainConfig:
    from bappsmith.lpips.model.forms import check_forms
    from bappsmith.lpips.training.config import TrainConfig
    from bappsmith.lpips.training.config_file import check_settings

    known = asdict(TrainConfig())
    settings: dict[str, Any] = known | check_settings(of_file, TrainConfig, origin)
    settings |= {name: value for name, value in given.items() if name in known}
    if "trunk_weights" not in {*of_file, *given} or settings["trunk_weights"] is None:
        settings["trunk_weights"] = None if settings["mode"] == "scratch" else "pretrained"
    elif settings["trunk_weights"] == "random":
        settings["trunk_weights"] = settings["seed"]
    if settings["taps"] is not None:
        settings["taps"] = tuple(settings["taps"])
    if settings["start_from"] is not None:
        settings["start_from"] = str(settings["start_from"])
    settings["forms"] = check_forms(settings["forms"])
    return TrainConfig(**settings)


def _certified(of_file: Mapping[str, Any], given: Mapping[str, Any], origin: str) -> CertifiedConfig:
    from bappsmith.lpips.robust.config import DEFAULTS, CertifiedConfig
    from bappsmith.lpips.training.config_file import check_settings

    checked = check_settings({k: value for k, value in of_file.items() if k != "mode"}, CertifiedConfig, origin)
    embedding = given.get("embedding", checked.get("embedding", "dct"))
    known = asdict(DEFAULTS[embedding])
    settings: dict[str, Any] = known | checked | {name: value for name, value in given.items() if name in known}
    return CertifiedConfig(**settings)
