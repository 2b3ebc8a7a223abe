"""What convert, sample, split and merge have in common: workers, interruptions, how often the seal is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from distributed import Client

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.datasets import copy_shard, derive
from bappsmith.pipeline.datasets.convert import convert
from bappsmith.pipeline.datasets.copy_shard import CopyTask
from bappsmith.pipeline.datasets.merge import merge
from bappsmith.pipeline.datasets.sample import sample
from bappsmith.pipeline.datasets.split import split
from bappsmith.pipeline.workers import clusters

Some = Callable[..., Path]
Tree = Callable[[Path], dict[str, str]]


@pytest.mark.slow
def test_on_workers_all_give_the_same_bytes(some: Some, tmp_path: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch):
    one, other = some(), some(2, "other", 515)
    served: list[int] = []
    with clusters.local_client(2) as client:

        @contextmanager
        def same_client(workers: int) -> Iterator[Client]:
            served.append(workers)
            yield client

        monkeypatch.setattr(clusters, "local_client", same_client)
        for workers in (1, 2):
            convert(one, tmp_path / f"convert{workers}", "tar", workers=workers)
            sample(one, tmp_path / f"sample{workers}", 0.5, workers=workers)
            split(one, tmp_path / f"split{workers}", 0.34, form="packed", workers=workers)
            merge([one, other], tmp_path / f"merge{workers}", form="parquet", workers=workers)
    assert served == [2, 2, 2, 2]
    for name in ("convert", "sample", "split", "merge"):
        assert tree(tmp_path / f"{name}1") == tree(tmp_path / f"{name}2"), name


@pytest.mark.slow
def test_a_seal_is_read_a_few_times_and_not_once_a_shard(some: Some, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    opened: list[str] = []
    real = copy_shard.Dataset
    monkeypatch.setattr(copy_shard, "Dataset", lambda root: (opened.append(root), real(root))[1])
    one, other = some(), some(2, "other", 515)
    merge([one, other], tmp_path / "both")  # three shards of train, one of val, one of JND
    assert sorted(opened) == sorted([str(one), str(other)])


def test_an_interrupted_copy_goes_on_to_the_same_bytes(
    some: Some, tmp_path: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch
):
    one, copied = some(), list[int]()
    real = derive.copy_shard
    sample(one, tmp_path / "whole", 0.99)

    def stop_at_third(task: CopyTask) -> int:
        if len(copied) == 2:
            raise KeyboardInterrupt
        copied.append(task.shard)
        return real(task)

    with monkeypatch.context() as patch:
        patch.setattr(derive, "copy_shard", stop_at_third)
        with pytest.raises(KeyboardInterrupt):
            sample(one, tmp_path / "out", 0.99)
    assert not (tmp_path / "out/seal.json").exists()
    # One of the finished shards loses a file; another command may not go on there.
    (tmp_path / "out/2afc/train/some/p1/000513.png").unlink()
    with pytest.raises(BappsmithError, match=r"holds another dataset: .*selection differ"):
        sample(one, tmp_path / "out", 0.5)
    sample(one, tmp_path / "out", 0.99)
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_workers_are_at_least_one(made_tiny: Path, tmp_path: Path):
    with pytest.raises(BappsmithError, match="workers must be at least 1, found 0"):
        convert(made_tiny, tmp_path / "out", "tar", workers=0)
    assert not (tmp_path / "out").exists()
