"""The base class of operators that are built from other operators."""

from __future__ import annotations

from bappsmith.distortions.base import Distortion


class Composite(Distortion):
    """An operator that is built from others. What they need and what they were made from is the need of the whole.

    Args:
        name: of the operator.
        inner: the other operators.
        source: where the idea comes from, for the catalogue; default: the names of the others.
    """

    def __init__(self, name: str, inner: tuple[Distortion, ...], source: str) -> None:
        self.name = name
        self.inner = inner
        self.source = source or f"built from {', '.join(op.name for op in inner)}"
        self.libraries = tuple(sorted({library for op in inner for library in op.libraries}))
        self.portable = all(op.portable for op in inner)
        self.saturates = any(op.saturates for op in inner)
        self.learnt_from = frozenset[str]().union(*(op.learnt_from for op in inner))

    def unavailable(self) -> str | None:
        """Return what the first inner operator lacks that lacks something."""
        return next((reason for op in self.inner if (reason := op.unavailable())), None)
