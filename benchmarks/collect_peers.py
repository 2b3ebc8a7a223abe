"""Collect the equivalents of operators in other libraries, from the files in `peers/`."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

Peer: TypeAlias = Callable[[Any, Any, Any], Any]
"""Called with the image, the same as a tensor, and the parameters."""
Peers: TypeAlias = dict[str, dict[str, Peer]]
"""Operator → name of the peer → peer."""


def collect_peers(folder: Path, first: Mapping[str, Mapping[str, Peer]] | None = None) -> Peers:
    """Join the tables `PEERS` of all Python files of a folder, in the order of their names.

    A table has, for an operator, a dictionary from names to peers.

    Args:
        folder: such as `benchmarks/peers`.
        first: a table to begin with.

    Raises:
        SystemExit: two tables have the same operator, or a file has no table.
    """
    peers: Peers = {name: dict(named) for name, named in (first or {}).items()}
    origin = dict.fromkeys(peers, "the table in operators.py")
    for file in sorted(folder.glob("*.py")):
        table = getattr(_load(file), "PEERS", None)
        if not isinstance(table, dict):
            raise SystemExit(f"{file}: has no table PEERS")
        for name, given in table.items():
            if name in peers:
                raise SystemExit(f"{file}: operator '{name}' has peers in {origin[name]} too; join them")
            peers[name], origin[name] = dict(given), str(file)
    return peers


def without_peer(operators: Iterable[str], peers: Mapping[str, Any]) -> list[str]:
    """Return the operators that have no peer.

    Raises:
        SystemExit: a table names an operator that does not exist.
    """
    names = set(operators)
    unknown = sorted(set(peers) - names)
    if unknown:
        raise SystemExit(f"peers of operators that do not exist: {', '.join(unknown)}")
    return sorted(names - set(peers))


def _load(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"peers_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
