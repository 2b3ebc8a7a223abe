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

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from bappsmith.manifests.forms.form import Storage, storage
from bappsmith.manifests.forms.item import digests
from bappsmith.manifests.recipe.model import Recipe
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.store.open import open_store
from bappsmith.manifests.store.store import WORK

from .croissant import croissant
from .errors import BappsmithError
from .run import Run
from .table import flat_name, iterate_rows, manifest_name, open_table, read_table, schema, stored_columns, take_rows

SEAL = "seal.json"
RECIPE = "recipe.yaml"
PARENTS = "parents"
"""Folder of the recipes of the datasets that one was made of."""
CARD = "README.md"
SOURCES = "sources.json"
CROISSANT = "croissant.json"


class Ledger:
    """The books of one dataset.

    Args:
        root: the dataset's folder, or an address that fsspec knows.

    Attributes:
        root: as it was given.
        store: the files there.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = str(root)
        self.store = open_store(root)

    @property
    def sealed(self) -> bool:
        """Whether the dataset is finished."""
        return self.store.exists(SEAL)

    @contextmanager
    def writing(self, run: Run) -> Iterator[None]:
        """Start a dataset, or go on with one that was made by an equal run; meanwhile no other run may write there.

        Object stores have no locks: at an address, runs are kept apart by what they make alone. Equal runs write equal
        files, and cannot harm each other; others are refused.

        Raises:
            BappsmithError: the folder holds something else, or another run's data, or another run is
                writing to it.
        """
        self._refuse_misfit(run)
        if self.sealed:
            yield  # nothing will be written
            return
        folder = self.store.folder
        if folder is not None:
            (folder / WORK).mkdir(parents=True, exist_ok=True)
        try:
            with nullcontext() if folder is None else FileLock(folder / WORK / "lock", timeout=0):
                self._refuse_misfit(run)  # another run may have begun, or ended, a moment ago
                if not self.sealed:
                    self.store.write(f"{WORK}/run.json", _json_bytes(run.to_json()))
                yield
        except Timeout as error:
            raise BappsmithError(
                f"another run is writing to {self.root}; wait for its end, or choose another folder for --out"
            ) from error

    def _refuse_misfit(self, run: Run) -> None:
        """Refuse a folder that holds something else than the beginning, or the whole, of this run's dataset."""
        if self.sealed or self.store.exists(f"{WORK}/run.json"):
            self._refuse_other(self.run(), run)
            if self.sealed:  # a run that was killed after sealing left its books behind
                self.store.remove(WORK)
            return
        tops = (name.split("/")[0] for name in self.store.files())
        strangers = sorted(set(islice((top for top in tops if top != WORK), 1000)))
        if strangers:
            raise BappsmithError(
                f"{self.root} holds files that are no bappsmith dataset ({', '.join(strangers[:3])}); "
                "choose an empty or new folder for --out"
            )

    def run(self) -> Run:
        """The run that the folder belongs to.

        Raises:
            BappsmithError: the folder is no dataset, or its book is damaged.
        """
        if not self.sealed:
            return Run.from_json(self._read_json(f"{WORK}/run.json"))
        return Run.from_json({**self._read_json(SEAL), **self._read_json(SOURCES)})

    def _refuse_other(self, there: Run, now: Run) -> None:
        old, new = ({**one.parts(), "form": one.form} for one in (there, now))
        differing = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
        if differing:
            versions = [f"{k} {old.get(k)} → {new.get(k)}" for k in differing if k in there.versions]
            what = [k for k in differing if k not in there.versions]
            raise BappsmithError(
                f"{self.root} holds data of another run ('{there.recipe.name}'): {', '.join(what + versions)} differ; "
                "choose another folder for --out, or remove this one"
            )

    def storage(self, run: Run, subset: SubsetPath) -> Storage:
        """The items of a subset."""
        count = next(one.count for one in run.recipe.subsets if one.where == subset)
        return storage(run.form, self.store, subset, count, run.recipe.patch)

    def entry(self, subset: SubsetPath, shard: int) -> str:
        """Name of a shard's ledger entry."""
        return f"{WORK}/shards/{flat_name(subset)}/{shard:06d}.parquet"

    def done(self, subset: SubsetPath) -> set[int]:
        """Numbers of the shards that are finished."""
        names = self.store.files(f"{WORK}/shards/{flat_name(subset)}")
        return {int(name[-14:-8]) for name in names if name.endswith(".parquet")}

    def intact(self, subset: SubsetPath, shard: int, fingerprint: str, stored: Storage) -> bool:
        """Whether a shard is entered by this run, and all that is stored of it is as it was entered."""
        try:
            table = read_table(open_table(self.store, self.entry(subset, shard)))
        except (FileNotFoundError, pa.ArrowInvalid):
            return False
        if (table.schema.metadata or {}).get(b"fingerprint") != fingerprint.encode():
            return False
        rows = table.to_pylist()
        columns = stored_columns(subset, stored.encoded)
        for row, item in zip(rows, stored.read([row["index"] for row in rows]), strict=True):
            found = digests(item)
            if any(found.get(column) != row[column] for column in columns):
                return False
        return True

    def enter(
        self,
        subset: SubsetPath,
        shard: int,
        rows: list[dict[str, Any]],
        fingerprint: str,
        files: dict[str, str],
    ) -> None:
        """Write a shard's entry: the very last step of making it.

        Args:
            subset: which subset.
            shard: which shard of it.
            rows: of the manifest.
            fingerprint: of the run.
            files: what `Storage.write` returned.
        """
        table = pa.Table.from_pylist(rows, schema=schema(subset))
        table = table.replace_schema_metadata(
            {"fingerprint": fingerprint, "subset": str(subset), "files": json.dumps(files)}
        )
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        self.store.write(self.entry(subset, shard), sink.getvalue().to_pybytes())

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
        stored: dict[str, str] = {}
        for subset, count in shards.items():
            missing = sorted(set(range(count)) - self.done(subset))
            if missing:
                raise BappsmithError(
                    f"{self.root}: shard {missing[0]} of {subset} is missing; generate again to make it"
                )
            with (
                self.store.writing(manifest_name(subset)) as partial,
                pq.ParquetWriter(partial, schema(subset), compression="zstd") as writer,
            ):
                for shard in range(count):
                    table = read_table(open_table(self.store, self.entry(subset, shard)))
                    if (table.schema.metadata or {}).get(b"fingerprint") != fingerprint.encode():
                        raise BappsmithError(f"{self.root}: shard {shard} of {subset} was made by another run")
                    stored |= json.loads((table.schema.metadata or {})[b"files"])
                    writer.write_table(table.replace_schema_metadata(None))
            stored |= self.storage(run, subset).finish()
        data = run.to_json()
        listing = _json_bytes({"photographs": data.pop("photographs")})
        facts = {CARD: card.encode(), **_recipes(run), SOURCES: listing}
        for name, content in facts.items():
            self.store.write(name, content)
        tables = {
            subset: (manifest_name(subset), self.sha256(manifest_name(subset)), schema(subset)) for subset in shards
        }
        facts[CROISSANT] = _json_bytes(croissant(run, tables))
        self.store.write(CROISSANT, facts[CROISSANT])
        data["subsets"] = {str(one.where): one.count for one in run.recipe.subsets}
        names = [*facts, *(manifest_name(subset) for subset in shards)]
        data["files"] = {name: self.sha256(name) for name in names} | stored
        self.store.write(SEAL, _json_bytes(data))
        self.store.remove(WORK)

    def sha256(self, name: str) -> str:
        """sha256 of a file, hex."""
        with self.store.open(name) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def seal_data(self) -> dict[str, Any]:
        """The content of seal.json.

        Raises:
            BappsmithError: the dataset is not sealed.
        """
        if not self.sealed:
            began = self.store.exists(f"{WORK}/run.json")
            what = "is not finished; run the same `bappsmith generate` again" if began else "is no bappsmith dataset"
            raise BappsmithError(f"{self.root} {what} (it has no {SEAL})")
        data = self._read_json(SEAL)
        lacking = {"fingerprint", "recipe", "files", "subsets", "versions", "plugins", "form"} - set(data)
        if lacking:
            raise BappsmithError(f"{self.root}/{SEAL} is damaged (it lacks {', '.join(sorted(lacking))}); restore it")
        return data

    def rows(self, subset: SubsetPath) -> Iterator[dict[str, Any]]:
        """Rows of a sealed subset, by index."""
        return iterate_rows(self._manifest(subset))

    def table(self, subset: SubsetPath) -> pa.Table:
        """A sealed subset's rows, whole."""
        return read_table(self._manifest(subset))

    def columns(self, subset: SubsetPath, names: Sequence[str]) -> dict[str, list[Any]]:
        """Some columns of a sealed subset, whole."""
        return read_table(self._manifest(subset), names).to_pydict()

    def take(self, subset: SubsetPath, indices: Sequence[int]) -> list[dict[str, Any]]:
        """Some rows of a sealed subset, in the order asked for.

        Raises:
            BappsmithError: there is no such subset or index.
        """
        return take_rows(self._manifest(subset), indices, subset)

    def _manifest(self, subset: SubsetPath) -> pq.ParquetFile:
        try:
            return open_table(self.store, manifest_name(subset))
        except FileNotFoundError:
            subsets = ", ".join(self.seal_data()["subsets"])
            raise BappsmithError(f"{self.root} has no subset {subset}; it has {subsets}") from None

    def _read_json(self, name: str) -> dict[str, Any]:
        try:
            return json.loads(self.store.read(name))
        except FileNotFoundError:
            raise BappsmithError(f"{self.root} is no bappsmith dataset ({name} is missing)") from None
        except ValueError as error:
            raise BappsmithError(
                f"{self.root}/{name} is damaged ({error}); restore it, or make the dataset anew"
            ) from error


def _recipes(run: Run) -> dict[str, bytes]:
    """File → recipe: the one that was followed, or those of the datasets that this one was made of."""
    if not run.parents:
        return {RECIPE: run.recipe.to_yaml().encode()}
    return {
        f"{PARENTS}/{facts['fingerprint'][:12]}.yaml": Recipe.from_dict(facts["recipe"]).to_yaml().encode()
        for facts in run.parents
    }


def _json_bytes(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()
