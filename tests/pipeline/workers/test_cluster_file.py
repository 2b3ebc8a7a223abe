"""Files that describe clusters, and what is wrong with them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.pipeline.workers.cluster_file import read_cluster
from bappsmith.pipeline.workers.clusters import cluster_client

from .clusters import certificates


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with certificates of two; only to be copied."""
    folder = tmp_path_factory.mktemp("keys")
    certificates(folder, "ours")
    certificates(folder, "other")
    return folder


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("class: builtins.dict", "'builtins.dict' is not a Dask cluster"),
        ("class: nowhere.Cluster", "'nowhere.Cluster' not found"),
        ("class: Cluster", "not found"),
        ("options: {}", "give either 'class' .* or 'scheduler'"),
        ("class: distributed.LocalCluster\nscheduler: tcp://a:1", "give either 'class' .* or 'scheduler'"),
        ("scheduler: tcp://a:1\nworkers: 3", "belong to 'class'"),
        ("class: distributed.LocalCluster\nsize: 3", "unknown key 'size'"),
        ("class: distributed.LocalCluster\nworkers: 0", "key 'workers' must be at least 1, found 0"),
        ("class: [", "cluster file"),
        ("class: distributed.LocalCluster\noptions: {nonsense: 1}", "could not be started"),
        ("scheduler: tls://a:1\nsecurity: {ca: none.pem, cert: none.pem}", r"security\.ca: no such file .*none\.pem"),
        ("scheduler: tls://a:1\nsecurity: {ca: ours.pem}", r"key 'security\.cert' is missing"),
        ("scheduler: tls://a:1\nsecurity: {ca: ours.pem, cert: ours.pem}", "ours.pem are not matching files"),
        (
            "scheduler: tls://a:1\nsecurity: {ca: ours.pem, cert: ours.pem, key: other.key}",
            "other.key are not matching files",
        ),
    ],
)
def test_a_cluster_file_that_is_wrong_is_one_line(tmp_path: Path, keys: Path, text: str, words: str):
    file = shutil.copytree(keys, tmp_path / "keys") / "cluster.yaml"
    file.write_text(text)
    with pytest.raises(BappsmithError, match=words) as caught, cluster_client(file):
        pass
    assert "\n" not in str(caught.value)


def test_names_of_certificates_start_at_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    certificates(tmp_path, "ours")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    file = tmp_path / "cluster.yaml"
    file.write_text(f"scheduler: tls://a:1\nsecurity: {{ca: ours.pem, cert: {tmp_path / 'ours.pem'}, key: ours.key}}")
    security = read_cluster(Path("../cluster.yaml")).security
    assert security is not None
    assert (security.ca, security.cert, security.key) == (
        tmp_path / "ours.pem",
        tmp_path / "ours.pem",
        tmp_path / "ours.key",
    )


def test_a_file_that_is_missing_is_named(tmp_path: Path):
    with pytest.raises(BappsmithError, match=r"none\.yaml.*No such file"):
        read_cluster(tmp_path / "none.yaml")
