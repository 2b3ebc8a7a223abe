"""What an operator needs beyond a plain installation: extras of bappsmith, and packages that are missing here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version

from bappsmith.distortions.base import Distortion

_REQUIREMENT = re.compile(r"([\w.-]+).*\bextra\s*==\s*['\"]([\w.-]+)['\"]")
_NOT_FOR_USERS = "test"


@dataclass(frozen=True, slots=True)
class Need:
    """A package that not every installation has.

    Attributes:
        package: its name.
        extra: the extra of bappsmith that brings it; empty: none does.
        installed: whether it is installed here.
    """

    package: str
    extra: str
    installed: bool

    def __str__(self) -> str:
        how = f" (bappsmith[{self.extra}])" if self.extra else ""
        return f"{self.package}{how}{'' if self.installed else ', not installed here'}"


def needs(op: Distortion) -> tuple[Need, ...]:
    """Return the packages that an operator needs and that an extra brings, or that are missing here."""
    found = (Need(library, _extras().get(_normal(library), ""), _installed(library)) for library in op.libraries)
    return tuple(need for need in found if need.extra or not need.installed)


@cache
def _extras() -> dict[str, str]:
    """Return package → the extra of bappsmith that brings it."""
    matches = (_REQUIREMENT.match(requirement) for requirement in requires("bappsmith") or ())
    return {_normal(match[1]): match[2] for match in matches if match and match[2] != _NOT_FOR_USERS}


def _installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def _normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()
