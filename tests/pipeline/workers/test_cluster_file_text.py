"""Descriptions of clusters from outside: read, or refused in one line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.workers.cluster_file import read_cluster


def test_a_description_is_read_with_aliases_and_any_options(tmp_path: Path):
    (tmp_path / "cluster.yaml").write_text(
        "class: dask_jobqueue.SLURMCluster\n"
        "options: {cores: &n 4, processes: *n, job_extra_directives: ['--time=2026-99-99'], "
        "nested: {a: {b: [1, null]}}}\n"
        "adapt: {maximum: 8}\n"
    )
    description = read_cluster(tmp_path / "cluster.yaml")
    assert description.options["processes"] == 4
    assert description.options["job_extra_directives"] == ["--time=2026-99-99"]
    assert description.adapt is not None
    assert (description.adapt.minimum, description.adapt.maximum) == (1, 8)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "mapping of keys, found nothing"),
        (b"- a", "mapping of keys, found list"),
        (b"class: !!python/name:os.system x", "line 1: tag"),
        (b"options: " + b"[" * 10_000, "more than 64 nested lists"),
        (
            b"a: &a [1,2]\n"
            + b"".join(b"%c: &%c [%s]\n" % (k + 1, k + 1, b",".join([b"*%c" % k] * 20)) for k in b"abcdefgh"),
            "values",
        ),
        (b"class: x\nworkers: " + b"9" * 5000, "at most 100 characters"),
        (b"clas: x", "unknown key 'clas': did you mean 'class'"),
        (b"class: x\nadapt: {maximun: 3}", "unknown key 'maximun': did you mean 'maximum'"),
        (b'class: "a\\nb"\n"c\\nd": 1', r"unknown key 'c\\nd'"),
        (b"class: \xff", "not a text file in UTF-8"),
        (b"#" * (1 << 21), "longer than"),
    ],
)
def test_a_hostile_description_is_one_line(tmp_path: Path, text: bytes, words: str):
    (tmp_path / "cluster.yaml").write_bytes(text)
    with pytest.raises(BappsmithError, match=words) as refused:
        read_cluster(tmp_path / "cluster.yaml")
    assert str(refused.value).isprintable()
    assert "cluster.yaml" in str(refused.value)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "cluster.yaml")
    with pytest.raises(BappsmithError, match="not a regular file"):
        read_cluster(tmp_path / "cluster.yaml")
