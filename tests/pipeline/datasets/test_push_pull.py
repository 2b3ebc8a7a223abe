"""Datasets on the Hub: they come back as they went, an interruption costs little, and nothing unfinished passes."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.hub import repository
from bappsmith.manifests.recipe.judge import JudgeSpec
from bappsmith.pipeline.datasets import push as push_module
from bappsmith.pipeline.datasets.judge import judge_dataset
from bappsmith.pipeline.datasets.pull import pull
from bappsmith.pipeline.datasets.push import push

pytestmark = pytest.mark.filterwarnings("ignore:Use .content")  # of huggingface_hub itself
NAME = "someone/patches"


@pytest.mark.parametrize("form", ["parquet", "tar"])
def test_a_dataset_comes_back_as_it_went(
    hub: Any, finished: dict[str, Path], tmp_path: Path, tree: Callable[[Path], dict[str, str]], form: str
):
    pushed = push(finished[form], NAME)
    assert (pushed.private, pushed.uploaded) == (True, pushed.files)
    assert hub.repositories["datasets", NAME].private
    steps: list[tuple[str, int, int]] = []
    data = pull(NAME, tmp_path / "again", progress=lambda *step: steps.append(step))
    assert tree(tmp_path / "again") == tree(finished[form])
    assert data.finished.subsets == {path: len(data[str(path)]) for path in data.finished.subsets}
    assert {what for what, _, _ in steps} == {"files", "items checked"}
    assert all(done <= total for _, done, total in steps)
    assert os.listdir(tmp_path) == ["again"]


def test_what_is_there_is_not_uploaded_again(hub: Any, finished: dict[str, Path]):
    first = push(finished["parquet"], NAME)
    requests = len(hub.requests)
    again = push(finished["parquet"], NAME)
    assert (again.files, again.uploaded) == (first.files, 0)
    assert not any(method in ("PUT", "POST") for method, _ in hub.requests[requests:])


def test_an_interrupted_upload_goes_on_and_is_no_dataset_before(
    hub: Any, finished: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(repository, "COMMIT_FILES", 3)
    commits = 0

    def fail_the_third_commit(method: str, path: str) -> int | None:
        nonlocal commits
        commits += "/commit/" in path
        return 503 if commits == 3 and "/commit/" in path else None

    hub.refuse = fail_the_third_commit
    with pytest.raises(BappsmithError, match=r"someone/patches: the Hub fails with status 503; run the same command"):
        push(finished["parquet"], NAME)
    assert "seal.json" not in hub.files(NAME)
    assert "README.md" not in hub.files(NAME)
    with pytest.raises(BappsmithError, match=r"no finished bappsmith dataset \(it has no seal.json\)"):
        pull(NAME, tmp_path / "again")
    there = set(hub.files(NAME)) - {".gitattributes"}
    sent = hub.count("PUT", "/lfs/")
    pushed = push(finished["parquet"], NAME)
    assert len(there) == 6
    assert pushed.uploaded == pushed.files - 6
    assert sent + hub.count("PUT", "/lfs/") - sent == len(hub.stored)  # no content was sent twice
    pull(NAME, tmp_path / "again")
    last = hub.repositories["datasets", NAME].commits
    assert set(last[-1][1]) - set(last[-2][1]) == {"README.md", "seal.json"}


def test_an_interrupted_download_goes_on(
    hub: Any, finished: dict[str, Path], tmp_path: Path, tree: Callable[[Path], dict[str, str]]
):
    push(finished["parquet"], NAME)
    hub.refuse = lambda method, path: 403 if method == "GET" and path.endswith("val/a/000000.parquet") else None
    with pytest.raises(BappsmithError, match=r"someone/patches: the token may not do this"):
        pull(NAME, tmp_path / "again")
    assert not (tmp_path / "again").exists()
    assert not (tmp_path / "again.partial" / "seal.json").exists()
    hub.refuse = lambda method, path: None
    got = hub.count("GET", "/resolve/.*train/a/")
    pull(NAME, tmp_path / "again")
    assert hub.count("GET", "/resolve/.*train/a/") == got
    assert tree(tmp_path / "again") == tree(finished["parquet"])


def test_a_new_labelling_is_pushed_alone(hub: Any, finished: dict[str, Path], tmp_path: Path):
    data = shutil.copytree(finished["parquet"], tmp_path / "data")
    push(data, NAME)
    judge_dataset(data, JudgeSpec(kind="severity"), "other")
    pushed = push(data, NAME)
    assert 0 < pushed.uploaded < pushed.files - 3
    assert pull(NAME, tmp_path / "again").finished.labellings == ("other", "recipe")


def test_a_revision_can_be_named(hub: Any, finished: dict[str, Path], tmp_path: Path):
    data = shutil.copytree(finished["parquet"], tmp_path / "data")
    push(data, NAME)
    commit = hub.repositories["datasets", NAME].commits[-1][0]
    judge_dataset(data, JudgeSpec(kind="severity"), "other")
    push(data, NAME)
    assert pull(NAME, tmp_path / "old", revision=commit).finished.labellings == ("recipe",)
    with pytest.raises(BappsmithError, match="someone/patches: no such revision"):
        pull(NAME, tmp_path / "none", revision="v9")


@pytest.mark.parametrize("changed", ["2afc/train/a/000001.parquet", "manifest/2afc-val-a.parquet", "recipe.yaml"])
def test_a_repository_that_differs_from_its_seal_is_refused(
    hub: Any, finished: dict[str, Path], tmp_path: Path, changed: str
):
    push(finished["parquet"], NAME)
    files = hub.files(NAME)
    flipped = files[changed][:-30] + bytes([files[changed][-30] ^ 1]) + files[changed][-29:]
    hub.repositories["datasets", NAME].add({changed: flipped})
    with pytest.raises(BappsmithError, match="differs from the seal") as refused:
        pull(NAME, tmp_path / "again")
    assert changed in str(refused.value)
    assert not (tmp_path / "again").exists()
    hub.repositories["datasets", NAME].add({changed: files[changed]})
    pull(NAME, tmp_path / "again")


def test_a_file_of_another_size_is_refused_before_anything_is_downloaded(
    hub: Any, finished: dict[str, Path], tmp_path: Path
):
    push(finished["parquet"], NAME)
    hub.repositories["datasets", NAME].add({"2afc/train/a/000001.parquet": bytes(1 << 20)})
    with pytest.raises(BappsmithError, match=r"2afc/train/a/000001.parquet is missing or differs from the seal"):
        pull(NAME, tmp_path / "again")
    assert hub.count("GET", r"/resolve/.*\.parquet") == 0


def test_a_dataset_that_differs_from_its_seal_is_not_pushed(hub: Any, finished: dict[str, Path], tmp_path: Path):
    data = shutil.copytree(finished["parquet"], tmp_path / "data")
    shard = data / "2afc/train/a/000000.parquet"
    content = shard.read_bytes()
    shard.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(BappsmithError, match=r"000000.parquet differs from the seal"):
        push(data, NAME)
    shard.write_bytes(content[:-1])
    with pytest.raises(BappsmithError, match=r"000000.parquet is missing or differs from the seal"):
        push(data, NAME)


def test_what_cannot_be_pushed_is_refused_before_a_request(
    hub: Any, finished: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(BappsmithError, match=r"form folders.*bappsmith convert .* --to parquet"):
        push(finished["folders"], NAME)
    with pytest.raises(BappsmithError, match=r"patches: not the name of a repository on the Hub; give USER/NAME"):
        push(finished["parquet"], "patches")
    monkeypatch.setattr(push_module, "FOLDER_FILES", 1)
    with pytest.raises(BappsmithError, match="more than 1 files"):
        push(finished["parquet"], NAME)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    monkeypatch.setattr(push_module, "FOLDER_FILES", 10_000)
    with pytest.raises(BappsmithError, match=r"pip install 'bappsmith\[hub\]'"):
        push(finished["parquet"], NAME)
    assert hub.requests == []


def test_a_name_that_the_hub_does_not_allow_is_one_line(hub: Any, finished: dict[str, Path]):
    with pytest.raises(BappsmithError, match="not the name of a repository; give USER/NAME"):
        push(finished["parquet"], "some one/päd..")


def test_other_content_is_not_overwritten(hub: Any, finished: dict[str, Path], tmp_path: Path):
    push(finished["parquet"], NAME)
    # The same dataset in another form has the same fingerprint, but other files.
    with pytest.raises(BappsmithError, match="holds another dataset than"):
        push(finished["tar"], NAME)
    hub.repositories["datasets", NAME].commits[-1][1].pop("seal.json")
    hub.repositories["datasets", NAME].add({"notes.txt": b"mine"})
    with pytest.raises(BappsmithError, match=r"someone/patches holds notes.txt, which is no file of"):
        push(finished["parquet"], NAME)


def test_a_public_repository_needs_a_word(hub: Any, finished: dict[str, Path]):
    assert not push(finished["parquet"], NAME, public=True).private
    with pytest.raises(BappsmithError, match="exists and is public; give --public"):
        push(finished["parquet"], NAME)
    assert push(finished["parquet"], NAME, public=True).uploaded == 0


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("reader", "the token may not do this; make a token with write access"),
        ("stranger", "there is no token, or the Hub refuses it; run `hf auth login`"),
    ],
)
def test_tokens_that_may_not_write(
    hub: Any, finished: dict[str, Path], monkeypatch: pytest.MonkeyPatch, token: str, words: str
):
    monkeypatch.setenv("HF_TOKEN", getattr(hub, token))
    with pytest.raises(BappsmithError, match=words) as refused:
        push(finished["parquet"], NAME)
    assert str(refused.value).isprintable()
    assert getattr(hub, token) not in str(refused.value)


def test_without_a_token_nothing_is_written(hub: Any, finished: dict[str, Path], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(BappsmithError, match="someone/patches: there is no token, or the Hub refuses it"):
        push(finished["parquet"], NAME)
    assert hub.repositories == {}


def test_private_repositories_are_read_with_a_token_only(
    hub: Any, finished: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    push(finished["parquet"], NAME)
    monkeypatch.setenv("HF_TOKEN", hub.reader)
    pull(NAME, tmp_path / "again")
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(BappsmithError, match="no such repository, or it is private and the token may not read it"):
        pull(NAME, tmp_path / "other")
    with pytest.raises(BappsmithError, match="again exists; give the name of a new folder with --out"):
        pull(NAME, tmp_path / "again")
    with pytest.raises(BappsmithError, match="does not exist; make it first"):
        pull(NAME, tmp_path / "none" / "again")


def test_no_connection_is_one_line(
    hub: Any, finished: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from huggingface_hub import constants

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(BappsmithError, match=r"someone/patches: no connection to the Hub .*go on") as refused:
            pull(NAME, tmp_path / "again")
    assert str(refused.value).isprintable()


@pytest.mark.slow
def test_the_command_line_pushes_and_pulls_with_the_variables_of_huggingface_hub(
    hub: Any, finished: dict[str, Path], tmp_path: Path, tree: Callable[[Path], dict[str, str]]
):
    variables = {
        "HF_ENDPOINT": hub.address,
        "HF_HUB_DISABLE_XET": "1",
        "HF_TOKEN": hub.owner,
        "HF_HOME": str(tmp_path / "h"),
    }

    def bappsmith(*words: object) -> subprocess.CompletedProcess[str]:
        code = "from bappsmith.cli.main import run; run()"
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, **variables},
        )

    ran = bappsmith("push", finished["parquet"], NAME, "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["private"] is True
    ran = bappsmith("pull", NAME, "--out", "again")
    assert ran.stdout == "again: 531 items, as sealed\n"
    assert tree(tmp_path / "again") == tree(finished["parquet"])
    ran = bappsmith("pull", "someone/else", "--out", "other")
    assert ran.returncode == 1
    assert [line for line in ran.stderr.splitlines() if line.startswith("bappsmith: someone/else: no such repository")]
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
@pytest.mark.parametrize("form", ["parquet", "tar"])
def test_datasets_loads_a_repository_by_its_name(hub: Any, finished: dict[str, Path], tmp_path: Path, form: str):
    push(finished[form], NAME)
    code = f"""
from datasets import load_dataset
rows = load_dataset({NAME!r}, "2afc-a")
print("ANSWER", {{split: len(part) for split, part in rows.items()}}, type(rows["validation"][0]).__name__)
"""
    variables = {
        "HF_ENDPOINT": hub.address,
        "HF_HUB_DISABLE_XET": "1",
        "HF_TOKEN": hub.reader,
        "HF_HOME": str(tmp_path),
    }
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, **variables, "HF_HOME": str(tmp_path)},
    )
    assert "ANSWER {'train': 520, 'validation': 6} dict" in run.stdout, run.stderr
    assert "Ignoring part of dataset_info" not in run.stderr
