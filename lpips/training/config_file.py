"""Settings of a training as a YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, get_type_hints

import yaml
from pydantic import ConfigDict, ValidationError, create_model

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.recipe.explain import explain
from bappsmith.manifests.recipe.plain_yaml import load_yaml
from bappsmith.manifests.recipe.text_file import read_text_file


def read_config_file(path: Path) -> dict[str, Any]:
    """Read a file of settings: one mapping of plain data, of at most 1 MiB. `check_settings` checks its keys.

    Raises:
        BappsmithError: the file cannot be read, is not YAML, or holds another value.
    """
    text = read_text_file(path)
    try:
        settings = load_yaml(text)
    except BappsmithError as error:
        raise BappsmithError(f"{printable(str(path))}: {error}") from error
    if not isinstance(settings, dict):
        raise BappsmithError(
            f"{printable(str(path))}: no settings; write one line for each, such as batch: 50 "
            "(`bappsmith train --print-config` prints all)"
        )
    return settings


def check_settings(settings: Mapping[str, Any], config: type, origin: str) -> dict[str, Any]:
    """Check names and types of settings against the fields of a dataclass. Some may be missing.

    Args:
        settings: plain data.
        config: `TrainConfig` or `CertifiedConfig`.
        origin: what the settings come from, for messages.

    Returns:
        The settings, in the types of the fields.

    Raises:
        BappsmithError: a name is unknown, or a value has another type; one line.
    """
    hints = get_type_hints(config)
    for name, value in settings.items():
        if isinstance(value, bool) and hints.get(name) not in (bool, None):
            raise BappsmithError(f"{origin}: setting '{name}' must not be true or false, found {value}")
    defaults = {field.name: None if field.default is MISSING else field.default for field in fields(config)}
    of_fields: dict[str, Any] = {name: (hints[name], default) for name, default in defaults.items()}
    model = create_model(config.__name__, __config__=ConfigDict(extra="forbid"), **of_fields)
    try:
        checked = model.model_validate(dict(settings))
    except ValidationError as error:
        raise BappsmithError(f"{origin}: {explain(error, 'setting', model, {})}") from error
    return {name: getattr(checked, name) for name in settings}


def config_text(settings: Mapping[str, Any]) -> str:
    """Write settings as YAML, so that `read_config_file` and `check_settings` give them back."""
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()}
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
