"""Workers that could not do the work are named, with what to do."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from distributed import Client

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.workers.map_unordered import map_unordered
from bappsmith.pipeline.workers.requirements import check_workers

from .clusters import running, small


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (PackageNotFoundError("bappsmith"), "worker tcp://a:1 has no bappsmith; install version"),
        ("1.0", r"worker tcp://a:1 has distributed 2025\.1, this process 2026\.1"),
    ],
)
def test_workers_that_would_not_understand_are_named(answer: object, words: str):
    def side(distributed: str) -> dict[str, object]:
        python = ".".join(map(str, sys.version_info[:2]))
        return {"host": {"python": f"{python}.0.final.0"}, "packages": {"distributed": distributed}}

    class Other:
        def run(self, *_: object, **__: object) -> dict[str, object]:
            return {"tcp://a:1": answer}

        def nthreads(self) -> dict[str, int]:
            return {"tcp://a:1": 1}

        def get_versions(self) -> dict[str, object]:
            return {"client": side("2026.1"), "scheduler": side("2026.1"), "workers": {"tcp://a:1": side("2025.1")}}

    with pytest.raises(BappsmithError, match=words):
        check_workers(Other())  # type: ignore[arg-type]


def test_workers_with_several_threads_are_refused_also_when_they_join_later(photos: Path, tmp_path: Path):
    words = r"worker tcp://\S+ runs 2 threads, but must run one; start it with --nthreads 1"
    with running(threads=2) as cluster:
        with pytest.raises(BappsmithError, match=words):
            generate(small(photos), tmp_path / "data", scheduler=cluster.scheduler_address)
        with Client(cluster) as client, pytest.raises(BappsmithError, match=words):
            list(map_unordered(client, abs, [1, 2]))
