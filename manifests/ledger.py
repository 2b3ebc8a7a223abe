"""Which shards of a dataset are done, and the seal of a finished one.

While a dataset is made, `.bappsmith/` inside it holds

- `run.json`: recipe, photographs, plugins, library versions and the fingerprint of all of these;
- `shards/<kind>-<split>-<name>/NNNNNN.parquet`: one file per finished shard, put in place after all
  of the shard's images. It is the ledger entry: rows with hashes, and the fingerprint.

When all shards are there, their rows become `manifest/<kind>-<split>-<name>.parquet`, and
`seal.json`, written last, holds the hash of every file that is not an item of a subset. Then
`.bappsmith/` is removed. A folder without `seal.json` is not a dataset.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from .bapps import LABEL_FOLDER, SubsetPath
from .errors import BappsmithError
from .files import put_in_place, sha256_file, write_whole
from .run import Run

WORK = ".bappsmith"
SEAL = "seal.json"
RECIPE = "recipe.yaml"
CARD = "README.md"
SOURCES = "sources.json"


class Ledger:
    """The books of one dataset folder.

    Args:
        root: the dataset's folder.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self.work = self.root / WORK

    @property
    def sealed(self) -> bool:
        """Whether the dataset is finished."""
        return (self.root / SEAL).is_file()

    @contextmanager
    def writing(self, run: Run) -> Iterator[None]:
        """Start a dataset, or go on with one that was made by an equal run; meanwhile no other run may write there.

        Raises:
            BappsmithError: the folder holds something else, or another run's data, or another run is
                writing to it.
        """
        self._refuse_misfit(run)
        if self.sealed:
            yield  # nothing will be written
            return
        self.work.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.work / "lock", timeout=0):
                self._refuse_misfit(run)  # another run may have begun, or ended, a moment ago
                if not self.sealed:
                    write_whole(self.work / "run.json", _json_bytes(run.to_json()), self.work)
                yield
        except Timeout as error:
            raise BappsmithError(
                f"another run is writing to {self.root}; wait for its end, or choose another folder for --out"
            ) from error

    def _refuse_misfit(self, run: Run) -> None:
        """Refuse a folder that holds something else than the beginning, or the whole, of this run's dataset."""
        entries = [p.name for p in self.root.iterdir()] if self.root.is_dir() else []
        if self.sealed or (self.work / "run.json").is_file():
            self._refuse_other(self.run(), run)
            if self.sealed:  # a run that was killed after sealing left its books behind
                shutil.rmtree(self.work, ignore_errors=True)
        elif set(entries) - {WORK}:
            raise BappsmithError(
                f"{self.root} holds files that are no bappsmith dataset ({', '.join(sorted(entries)[:3])}); "
                "choose an empty or new folder for --out"
            )

    def run(self) -> Run:
        """The run that the folder belongs to.

        Raises:
            BappsmithError: the folder is no dataset, or its book is damaged.
        """
        if not self.sealed:
            return Run.from_json(_read_json(self.work / "run.json", self.root))
        seal = _read_json(self.root / SEAL, self.root)
        return Run.from_json({**seal, **_read_json(self.root / SOURCES, self.root)})

    def _refuse_other(self, there: Run, now: Run) -> None:
        old, new = there.parts(), now.parts()
        differing = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
        if differing:
            versions = [f"{k} {old.get(k)} → {new.get(k)}" for k in differing if k in there.versions]
            what = [k for k in differing if k not in there.versions]
            raise BappsmithError(
                f"{self.root} holds data of another run ('{there.recipe.name}'): {', '.join(what + versions)} differ; "
                "choose another folder for --out, or remove this one"
            )

    def shard_path(self, subset: SubsetPath, shard: int) -> Path:
        """Where a shard's ledger entry stands."""
        return self.work / "shards" / _flat(subset) / f"{shard:06d}.parquet"

    def done(self, subset: SubsetPath) -> set[int]:
        """Numbers of the shards that are finished."""
        return {int(path.stem) for path in (self.work / "shards" / _flat(subset)).glob("[0-9]*.parquet")}

    def intact(self, subset: SubsetPath, shard: int, fingerprint: str) -> bool:
        """Whether a shard is entered by this run, and all its files are as they were entered."""
        try:
            table = pq.read_table(self.shard_path(subset, shard))
        except (FileNotFoundError, pa.ArrowInvalid):
            return False
        if (table.schema.metadata or {}).get(b"fingerprint") != fingerprint.encode():
            return False
        try:
            return all(
                bytes.fromhex(sha256_file(self.root / place)) == row[f"file_{folder}"]
                for row in table.to_pylist()
                for folder, place in subset.files(row["index"]).items()
            )
        except OSError:
            return False

    def enter(self, subset: SubsetPath, shard: int, rows: list[dict[str, Any]], fingerprint: str) -> None:
        """Write a shard's entry: the very last step of making it."""
        table = pa.Table.from_pylist(rows, schema=schema(subset))
        table = table.replace_schema_metadata({"fingerprint": fingerprint, "subset": str(subset)})
        path = self.shard_path(subset, shard)
        path.parent.mkdir(parents=True, exist_ok=True)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        write_whole(path, sink.getvalue().to_pybytes(), self.work)

    def seal(self, run: Run, shards: dict[SubsetPath, int], card: str) -> None:
        """Join the entries into manifests and seal the dataset.

        Args:
            run: what it was made from.
            shards: number of shards of each subset.
            card: text of the dataset card.

        Raises:
            BappsmithError: a shard is missing, or was made by another run.
        """
        fingerprint = run.fingerprint()
        for subset, count in shards.items():
            missing = sorted(set(range(count)) - self.done(subset))
            if missing:
                raise BappsmithError(
                    f"{self.root}: shard {missing[0]} of {subset} is missing; generate again to make it"
                )
            target = self.manifest_path(subset)
            target.parent.mkdir(exist_ok=True)
            with (
                put_in_place(target, self.work) as partial,
                pq.ParquetWriter(partial, schema(subset), compression="zstd") as writer,
            ):
                for shard in range(count):
                    table = pq.read_table(self.shard_path(subset, shard))
                    if (table.schema.metadata or {}).get(b"fingerprint") != fingerprint.encode():
                        raise BappsmithError(
                            f"{self.root}: shard {shard} of {subset} was made by another run"
                        )
                    writer.write_table(table.replace_schema_metadata(None))
        write_whole(self.root / CARD, card.encode(), self.work)
        write_whole(self.root / RECIPE, run.recipe.to_yaml().encode(), self.work)
        data = run.to_json()
        write_whole(self.root / SOURCES, _json_bytes({"photographs": data.pop("photographs")}), self.work)
        names = [CARD, RECIPE, SOURCES, *(f"manifest/{self.manifest_path(subset).name}" for subset in shards)]
        data["subsets"] = {str(subset): count_rows(self.manifest_path(subset)) for subset in shards}
        data["files"] = {name: sha256_file(self.root / name) for name in names}
        write_whole(self.root / SEAL, _json_bytes(data), self.work)
        shutil.rmtree(self.work)

    def seal_data(self) -> dict[str, Any]:
        """The content of seal.json.

        Raises:
            BappsmithError: the dataset is not sealed.
        """
        if not self.sealed:
            began = (self.work / "run.json").is_file()
            what = (
                "is not finished; run the same `bappsmith generate` again"
                if began
                else "is no bappsmith dataset"
            )
            raise BappsmithError(f"{self.root} {what} (it has no {SEAL})")
        data = _read_json(self.root / SEAL, self.root)
        lacking = {"fingerprint", "recipe", "files", "subsets", "versions", "plugins"} - set(data)
        if lacking:
            raise BappsmithError(
                f"{self.root / SEAL} is damaged (it lacks {', '.join(sorted(lacking))}); restore it"
            )
        return data

    def manifest_path(self, subset: SubsetPath) -> Path:
        """Where a sealed subset's table stands."""
        return self.root / "manifest" / f"{_flat(subset)}.parquet"

    def rows(self, subset: SubsetPath) -> Iterator[dict[str, Any]]:
        """Rows of a sealed subset, by index."""
        with pq.ParquetFile(self._existing_manifest(subset)) as file:
            for batch in file.iter_batches():
                yield from batch.to_pylist()

    def columns(self, subset: SubsetPath, names: Sequence[str]) -> dict[str, list[Any]]:
        """Some columns of a sealed subset, whole."""
        return pq.read_table(self._existing_manifest(subset), columns=list(names)).to_pydict()

    def take(self, subset: SubsetPath, indices: Sequence[int]) -> list[dict[str, Any]]:
        """Some rows of a sealed subset, in the order asked for.

        Raises:
            BappsmithError: there is no such subset or index.
        """
        table = pq.read_table(self._existing_manifest(subset))
        for index in indices:
            if not 0 <= index < table.num_rows:
                raise BappsmithError(f"{subset} holds indices 0 to {table.num_rows - 1}, asked for {index}")
        return table.take(list(indices)).to_pylist()

    def _existing_manifest(self, subset: SubsetPath) -> Path:
        path = self.manifest_path(subset)
        if not path.is_file():
            subsets = ", ".join(self.seal_data()["subsets"])
            raise BappsmithError(f"{self.root} has no subset {subset}; it has {subsets}")
        return path


def schema(subset: SubsetPath) -> pa.Schema:
    """Columns of a manifest: the record, the crop that was taken, and hashes of files and pixels.

    `file_*` is the sha256 of the file, the same in the same environment; `pixels_*` the sha256 of the
    decoded bytes (height × width × 3, RGB), the same on every machine.
    """
    folders = subset.folders
    images = [f for f in folders if f != LABEL_FOLDER[subset.kind]]
    return pa.schema(
        [
            ("index", pa.int32()),
            ("photo", pa.string()),
            ("photo_sha256", pa.string()),
            ("crops", pa.string()),
            ("crop", pa.int16()),
            ("patch", pa.int16()),
            ("flat_below", pa.float64()),
            ("operators0", pa.string()),
            ("operators1", pa.string()),
            ("severity0", pa.float64()),
            ("severity1", pa.float64()),
            ("chain0", pa.string()),
            ("chain1", pa.string()),
            ("judgment", pa.float64()),
            ("judge", pa.string()),
            *((f"file_{folder}", pa.binary(32)) for folder in folders),
            *((f"pixels_{folder}", pa.binary(32)) for folder in images),
        ]
    )


def count_rows(path: Path) -> int:
    """Number of rows of a Parquet file."""
    return pq.read_metadata(path).num_rows


def _flat(subset: SubsetPath) -> str:
    return f"{subset.kind}-{subset.split}-{subset.name}"


def _json_bytes(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()


def _read_json(path: Path, root: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise BappsmithError(f"{root} is no bappsmith dataset ({path.name} is missing)") from None
    except ValueError as error:
        raise BappsmithError(f"{path} is damaged ({error}); restore it, or make the dataset anew") from error
