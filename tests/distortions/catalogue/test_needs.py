"""Packages beyond a plain installation."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bappsmith.distortions import Distortion
from bappsmith.distortions.catalogue.needs import needs


def with_libraries(*libraries: str) -> Distortion:
    return cast(Any, SimpleNamespace(libraries=libraries))


@pytest.mark.parametrize("libraries", [(), ("torch",), ("scipy", "torch")])
def test_what_every_installation_has_is_no_need(libraries: tuple[str, ...]) -> None:
    assert needs(with_libraries(*libraries)) == ()


def test_extras_are_named_and_missing_packages_too() -> None:
    extra, missing = needs(with_libraries("Kornia", "no-such_package"))
    assert (extra.package, extra.extra) == ("Kornia", "kornia")
    assert str(extra).startswith("Kornia (bappsmith[kornia])")
    assert str(missing) == "no-such_package, not installed here"
