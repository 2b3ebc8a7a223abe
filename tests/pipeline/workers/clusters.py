"""Helpers for tests of workers: certificates, clusters without Dask's warnings, a small recipe, a hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import LocalCluster, Security

from bappsmith.manifests.recipe.model import Recipe


def certificates(folder: Path, name: str) -> Security:
    """Write NAME.pem and NAME.key, which trust themselves alone."""
    temporary = Security.temporary()
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    cert.write_text(str(temporary.tls_ca_file))
    key.write_text(str(temporary.tls_client_key))
    files = {f"tls_{role}_cert": str(cert) for role in ("client", "scheduler", "worker")}
    files |= {f"tls_{role}_key": str(key) for role in ("client", "scheduler", "worker")}
    return Security(require_encryption=True, tls_ca_file=str(cert), **files)


@contextmanager
def running(
    *, threads: int = 1, processes: bool = False, security: Security | None = None, scratch: Path | None = None
) -> Iterator[LocalCluster]:
    """A scheduler with one worker, such as somebody may have started before."""
    with LocalCluster(
        n_workers=1,
        threads_per_worker=threads,
        processes=processes,
        protocol="tcp://" if security is None else "tls://",
        security=security,
        dashboard_address="127.0.0.1:0",
        local_directory=None if scratch is None else str(scratch),
    ) as cluster:
        yield cluster


def small(photos: Path, triplets: int = 1100) -> Recipe:
    """Two subsets; as it stands, of three shards and of one."""
    distort = {"operators": ["gaussian_white_noise", "jpeg"]}
    subsets = [
        {"path": "2afc/train/small", "triplets": triplets, "distort": distort},
        {"path": "jnd/val/small", "pairs": 20, "distort": distort},
    ]
    sources = {"path": str(photos), "val_fraction": 0.4}
    return Recipe.from_dict({"name": "small", "seed": 7, "patch": 16, "sources": sources, "subsets": subsets})


def tree(root: Path) -> dict[str, str]:
    """Path → sha256 of every file."""
    return {
        p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in root.rglob("*")
        if p.is_file()
    }
