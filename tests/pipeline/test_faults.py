"""What goes wrong in long runs: afterwards the dataset is the one of an undisturbed run, or the error says what to do."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import dask.config
import numpy as np
import pytest
from PIL import Image

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.ledger import Ledger
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.store.open import open_store
from bappsmith.pipeline import generate as run
from bappsmith.pipeline.datasets.verify import verify
from bappsmith.pipeline.generate import generate
from bappsmith.pipeline.shard import ShardTask
from bappsmith.pipeline.sources.decode import decode
from bappsmith.pipeline.workers import clusters
from bappsmith.pipeline.workers import map_unordered as workers
from bappsmith.pipeline.workers.carry import at_hand, carry
from bappsmith.pipeline.workers.clusters import cluster_client, local_client, read_cluster
from bappsmith.pipeline.workers.map_unordered import map_unordered

from .test_run import small, tree

KILLER = '''
import os, pathlib, signal
from bappsmith.distortions import Distortion, Severity, register

PLACE = pathlib.Path(__file__).with_name("marks")

@register
class Killer(Distortion):
    """Upside down; or the end of its process: once for every mark, and always below a limit."""
    source = "test"
    amount = Severity(mild=1, severe=2, unit="levels")

    def apply(self, image, *, amount):
        limit = PLACE / "limit"
        if limit.exists() and amount < float(limit.read_text()):
            os.kill(os.getpid(), signal.SIGKILL)
        for mark in sorted(PLACE.glob("once*")) if amount > 1.9 else ():
            try:
                mark.unlink()
            except FileNotFoundError:
                continue  # another worker took it
            os.kill(os.getpid(), signal.SIGKILL)
        return image[::-1].copy()
'''


def killing(photos: Path, folder: Path) -> tuple[Recipe, Path]:
    plugin = folder / "killer.py"
    plugin.write_text(KILLER)
    (folder / "marks").mkdir()
    distort = {"operators": ["killer"], "length": [1]}
    subsets = [{"path": "2afc/train/own", "triplets": 5 * 512, "distort": distort}]
    facts = {"name": "killing", "patch": 32, "sources": {"path": str(photos)}, "subsets": subsets}
    return Recipe.from_dict(facts), plugin


def test_workers_that_are_killed_are_replaced_and_shards_that_kill_are_named(photos: Path, tmp_path: Path):
    recipe, plugin = killing(photos, tmp_path)
    generate(recipe, tmp_path / "quiet", plugins=[plugin])
    marks = [tmp_path / "marks" / f"once{k}" for k in range(3)]
    for mark in marks:
        mark.touch()
    generate(recipe, tmp_path / "killed", plugins=[plugin], workers=2)
    assert not any(mark.exists() for mark in marks), "no worker was killed"
    assert tree(tmp_path / "killed") == tree(tmp_path / "quiet")
    # The mildest of 5,120 severities, and no other, kills always.
    amounts = sorted(
        (json.loads(row[chain])[0]["params"]["amount"], row["index"] // 512)
        for row in Ledger(tmp_path / "quiet").rows(SubsetPath.parse("2afc/train/own"))
        for chain in ("chain0", "chain1")
    )
    (_, shard), (above, _) = amounts[:2]
    (tmp_path / "marks" / "limit").write_text(str(above))
    words = rf"1 of 5 tasks .*: shard {shard} of 2afc/train/own, it killed its worker again"
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        pytest.raises(BappsmithError, match=words),
    ):
        generate(recipe, tmp_path / "poisoned", plugins=[plugin], workers=2)
    (tmp_path / "marks" / "limit").unlink()
    assert generate(recipe, tmp_path / "poisoned", plugins=[plugin]).made == 512
    assert tree(tmp_path / "poisoned") == tree(tmp_path / "quiet")


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """`dask scheduler` and two `dask worker`, each a process of its own."""
    file = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask_command = [sys.executable, "-m", "dask"]
    parts = [
        subprocess.Popen(
            [
                *dask_command,
                "scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--no-dashboard",
                "--scheduler-file",
                str(file),
            ],
            **quiet,  # type: ignore[call-overload]
        )
    ]
    try:
        deadline = time.monotonic() + 60
        while not file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        for _ in range(2):
            parts.append(start_worker(address))
        yield address, parts
    finally:
        for part in reversed(parts):
            part.kill()
            part.wait()


def start_worker(address: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "dask",
        "worker",
        address,
        "--nthreads",
        "1",
        "--no-nanny",
        "--no-dashboard",
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_cluster_whose_workers_come_and_go_makes_the_same_bytes(
    photos: Path, tmp_path: Path, scheduler: tuple[str, list[subprocess.Popen[bytes]]]
):
    address, parts = scheduler
    changes = iter([2, 4])
    done = 0

    def disturb(what: str, now: int, total: int) -> None:
        nonlocal done
        if what == "items" and now > done:
            done = now
            if next(changes, None):
                parts[1].kill()  # the first worker, in the midst of a shard
                parts.append(start_worker(address))

    generate(small(photos), tmp_path / "remote", scheduler=address, progress=disturb)
    assert next(changes, None) is None
    generate(small(photos), tmp_path / "serial")
    assert tree(tmp_path / "remote") == tree(tmp_path / "serial")


def test_a_lost_scheduler_is_one_line_and_nothing_finished_is_lost(
    photos: Path, tmp_path: Path, scheduler: tuple[str, list[subprocess.Popen[bytes]]]
):
    address, parts = scheduler

    def kill(what: str, now: int, total: int) -> None:
        if what == "items" and now:
            parts[0].kill()

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "2s", "distributed.comm.retry.count": 0}),
        pytest.raises(BappsmithError, match="the Dask scheduler was lost; what is finished is kept"),
    ):
        generate(small(photos), tmp_path / "data", scheduler=address, progress=kill)
    result = generate(small(photos), tmp_path / "data")
    assert result.made < result.items
    generate(small(photos), tmp_path / "serial")
    assert tree(tmp_path / "data") == tree(tmp_path / "serial")


def test_what_fails_is_tried_again_and_named_in_the_end(tmp_path: Path):
    # Inside, for workers do not know this module.
    def stumble(needed: int) -> int:
        tried = len(list(tmp_path.glob(f"{needed}-*")))
        (tmp_path / f"{needed}-{tried}").touch()
        if tried + 1 < needed:
            raise OSError("the network stumbled")
        return needed

    def refuse(task: int) -> None:
        raise BappsmithError("nothing to be had")

    with local_client(1) as client:
        found: list[int] = []
        with pytest.raises(BappsmithError, match=r"1 of 3 tasks could not be done: 9, OSError: the network stumbled"):
            found.extend(map_unordered(client, stumble, [1, workers.TRIES, 9]))
        assert sorted(found) == [1, workers.TRIES]
        with pytest.raises(BappsmithError, match="nothing to be had"):
            list(map_unordered(client, refuse, [1]))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_stop_keeps_what_is_finished(photos: Path, tmp_path: Path, number: signal.Signals):
    (tmp_path / "r.yaml").write_text(small(photos).model_copy(update={"name": "stopped"}).to_yaml(), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "bappsmith.cli",
        "generate",
        str(tmp_path / "r.yaml"),
        "--out",
        str(tmp_path / "d"),
    ]
    command[1:3] = ["-c", "from bappsmith.cli.main import run; run()"]
    process = subprocess.Popen([*command, "--workers", "2"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 90
    while not list((tmp_path / "d").glob(".bappsmith/shards/*/*.parquet")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert b"bappsmith: stopped; what is finished is kept" in said
    assert b"Traceback" not in said
    assert generate(Recipe.load(tmp_path / "r.yaml"), tmp_path / "d").made < 1150
    assert verify(tmp_path / "d").clean


def test_a_photograph_that_changes_during_the_run_is_named(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(photos, tmp_path / "photos")
    real = run.make_shard

    def change(task: ShardTask) -> object:
        for path in (tmp_path / "photos").iterdir():
            if path.name != "photo0.png":
                path.write_bytes((photos / "photo0.png").read_bytes())
        return real(task)

    monkeypatch.setattr(run, "make_shard", change)
    with pytest.raises(BappsmithError, match=r"photograph photo\d\.png .*is not the file that was indexed"):
        generate(small(tmp_path / "photos"), tmp_path / "data")
    assert not (tmp_path / "data" / "seal.json").exists()


def test_a_thousand_damaged_photographs_are_read_or_named(photos: Path):
    rng = np.random.default_rng(0)
    originals = []
    with Image.open(photos / "photo0.png") as image:
        for kind, options in (
            ("PNG", {}),
            ("JPEG", {}),
            ("WEBP", {}),
            ("TIFF", {}),
            ("GIF", {}),
            ("BMP", {}),
        ):
            stream = io.BytesIO()
            image.save(stream, kind, **options)
            originals.append(stream.getvalue())
    read = refused = 0
    for number in range(1000):
        data = bytearray(originals[number % len(originals)])
        match number % 4:
            case 0:  # bits flipped
                for place in rng.integers(0, len(data), 1 + number % 20):
                    data[place] ^= 1 << int(rng.integers(8))
            case 1:  # cut short
                del data[int(rng.integers(0, len(data))) :]
            case 2:  # the header of another kind
                data[:8] = originals[(number + 1) % len(originals)][:8]
            case 3:  # sizes that are none: a bomb, or nothing
                data[8:28] = rng.bytes(20)
        try:
            pixels = decode(bytes(data), "it.png")
        except BappsmithError as error:
            assert str(error).startswith("photograph it.png: ")  # noqa: PT017
            assert "\n" not in str(error)  # noqa: PT017
            refused += 1
        else:
            assert pixels.dtype == np.uint8
            assert pixels.ndim == 3
            assert pixels.shape[2] == 3
            read += 1
    assert read > 50
    assert refused > 500


def test_output_that_cannot_be_written_is_one_line(photos: Path, tmp_path: Path):
    if os.geteuid() == 0:
        place = Path("/proc/bappsmith")  # where not even root can write
    else:
        (tmp_path / "closed").mkdir(mode=0o500)
        place = tmp_path / "closed" / "data"
    with pytest.raises(BappsmithError, match=f"cannot write to {re.escape(str(place))}"):
        generate(small(photos), place)


def test_a_clock_that_jumps_changes_nothing(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    generate(small(photos), tmp_path / "before")
    monkeypatch.setattr(time, "time", lambda: 0.0)
    generate(small(photos), tmp_path / "after")
    assert tree(tmp_path / "after") == tree(tmp_path / "before")


def test_a_cluster_is_started_from_a_file(photos: Path, tmp_path: Path):
    file = tmp_path / "cluster.yaml"
    file.write_text(
        "class: distributed.LocalCluster\n"
        "options: {n_workers: 0, threads_per_worker: 1, dashboard_address: ':0'}\n"
        "adapt: {minimum: 1, maximum: 2}\n"
    )
    generate(small(photos), tmp_path / "data", cluster=file)
    generate(small(photos), tmp_path / "serial")
    assert tree(tmp_path / "data") == tree(tmp_path / "serial")
    file.write_text("class: distributed.LocalCluster\noptions: {n_workers: 0, dashboard_address: ':0'}\nworkers: 1\n")
    with cluster_client(file) as client:
        assert client.submit(sum, [1, 2]).result() == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("class: builtins.dict", "'builtins.dict' is no Dask cluster"),
        ("class: nowhere.Cluster", "'nowhere.Cluster' cannot be had"),
        ("class: Cluster", "cannot be had"),
        ("options: {}", "key 'class' is missing"),
        ("class: distributed.LocalCluster\nsize: 3", "unknown key 'size'"),
        ("class: distributed.LocalCluster\nworkers: 0", "key 'workers': input should be greater"),
        ("class: [", "cluster file"),
        ("class: distributed.LocalCluster\noptions: {nonsense: 1}", "could not be started"),
    ],
)
def test_a_cluster_file_that_is_wrong_is_one_line(tmp_path: Path, text: str, words: str):
    file = tmp_path / "cluster.yaml"
    file.write_text(text)
    with pytest.raises(BappsmithError, match=words) as caught, cluster_client(file):
        pass
    assert "\n" not in str(caught.value)
    with pytest.raises(BappsmithError, match="No such file"):
        read_cluster(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (PackageNotFoundError("bappsmith"), "worker tcp://a:1 has no bappsmith; install it there"),
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

        def get_versions(self) -> dict[str, object]:
            return {
                "client": side("2026.1"),
                "scheduler": side("2026.1"),
                "workers": {"tcp://a:1": side("2025.1")},
            }

    with pytest.raises(BappsmithError, match=words):
        clusters._check_versions(Other())  # type: ignore[arg-type]


def test_workers_without_the_plugin_file_get_a_copy(tmp_path: Path, bank: Path):
    plugin = tmp_path / "here" / "own.py"
    plugin.parent.mkdir()
    plugin.write_text("x = 1\n")
    shutil.copytree(bank, tmp_path / "here" / "bank")
    given = (str(plugin), str(tmp_path / "here" / "bank"))
    place = open_store(tmp_path / "data")
    carry(given, place)
    assert [str(path) for path in at_hand(given, place)] == list(given)
    shutil.rmtree(tmp_path / "here")
    file, folder = at_hand(given, place)
    assert (file.name, file.read_text()) == ("own.py", "x = 1\n")
    assert {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")} == {
        p.relative_to(bank).as_posix(): p.read_bytes() for p in bank.rglob("*.*")
    }
