"""The work log of a dataset: record every finished shard, then join the entries to manifests and a seal.

The entry of a shard is a Parquet file. It holds the rows of the manifest, the judgments, and the fingerprint of the
run. At the end the rows become `manifest/<kind>-<split>-<name>.parquet` and
`labels/NAME/<kind>-<split>-<name>.parquet`. `seal.json` is written last. It holds sha256 and size of every file that is
not an item of a subset. A folder without a whole `seal.json` is not a dataset.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .croissant import croissant
from .errors import BappsmithError
from .forms.form import Storage, storage
from .forms.item import SHARD, StoredFile, digests, stored_columns
from .forms.labels import label_bytes
from .recipe.model import Recipe
from .recipe.subset import SubsetRecipe
from .run import Run
from .schema.subset_path import IMAGE_FOLDERS, SubsetPath
from .seal import SEAL, SOURCES
from .sealed_json import DamagedError
from .store.digest import sha256_stored
from .table import (
    LABEL_SCHEMA,
    TableFile,
    entry_schema,
    flat_name,
    labels_name,
    manifest_name,
    manifest_schema,
)
from .work_log import DATASET, WorkLog

RECIPE = "recipe.yaml"
PARENTS = "parents"
"""Folder for the recipes of the parents of a derived dataset."""
CARD = "README.md"
CROISSANT = "croissant.json"
RECIPE_LABELS = "recipe"
"""Name of the labelling that the judges of the recipe make."""


class DatasetLog(WorkLog):
    """The work log of a dataset.

    Args:
        root: folder of the dataset, or an address that fsspec understands.
    """

    def __init__(self, root: Path | str) -> None:
        super().__init__(root, DATASET)

    @contextmanager
    def making(self, run: Run) -> Generator[None]:
        """Begin a dataset, or go on with one that an equal run began; see `WorkLog.at_work`."""
        with self.at_work(run.work_parts(), run.to_json()):
            if not self.finished and self.store.exists(SEAL):
                self._reopen(run)
            yield

    def _reopen(self, run: Run) -> None:
        """Turn the tables of a dataset with a damaged seal back into entries, so that its shards are checked.

        A table with another hash than `croissant.json` says is not used: its shards are made again.
        """
        fingerprint, hashes = run.fingerprint(), self._table_hashes()
        for subset in run.recipe.subsets:
            tables = []
            schemas = {
                manifest_name(subset.where): manifest_schema(subset.where),
                labels_name(subset.where, RECIPE_LABELS): LABEL_SCHEMA,
            }
            for name, schema in schemas.items():
                with suppress(FileNotFoundError, DamagedError):
                    file = TableFile(self.store, name, schema)
                    if self._of_run(file, subset, fingerprint) and self.file(name).sha256 == hashes.get(name):
                        tables.append(file.read())
            if len(tables) < 2:
                continue
            rows, judgments = tables
            for column in LABEL_SCHEMA.names[1:]:
                rows = rows.append_column(column, judgments[column])
            stored = self.storage(run.recipe, run.form, subset.where)
            for shard in range(-(-subset.count // SHARD)):
                files = stored.shard_files(shard)
                self._enter(subset.where, shard, rows.slice(shard * SHARD, SHARD), fingerprint, files)
        self.store.remove(SEAL)

    def _table_hashes(self) -> dict[str, str]:
        """Name of a table → sha256, as `croissant.json` says; empty where that is damaged."""
        try:
            distribution = json.loads(self.store.read(CROISSANT))["distribution"]
            return {one["contentUrl"]: one["sha256"] for one in distribution if "sha256" in one}
        except (OSError, ValueError, TypeError, LookupError, RecursionError):
            return {}

    @staticmethod
    def _of_run(file: TableFile, subset: SubsetRecipe, fingerprint: str) -> bool:
        return file.metadata.get(b"fingerprint") == fingerprint.encode() and len(file) == subset.count

    def run(self) -> Run:
        """Read what a dataset that is not finished yet is made from.

        Raises:
            BappsmithError: no dataset was begun there, or the log is damaged.
        """
        return Run.from_json(self.read_begin())

    def storage(self, recipe: Recipe, form: str, subset: SubsetPath) -> Storage:
        """Return the storage of the items of a subset.

        Raises:
            BappsmithError: the form is unknown, or cannot be written to this store.
        """
        count = next(part.count for part in recipe.subsets if part.where == subset)
        return storage(form, self.store, subset, count, recipe.patch)

    def intact(self, subset: SubsetPath, shard: int, fingerprint: str, stored: Storage) -> bool:
        """Whether this run recorded a shard, and every stored item still has the recorded hashes and judgment."""
        try:
            file = TableFile(self.store, self.entry(flat_name(subset), shard, "parquet"), entry_schema(subset))
            rows = file.read().to_pylist()
            files = json.loads(file.metadata[b"files"])
        except (FileNotFoundError, DamagedError, ValueError, LookupError, RecursionError):
            return False
        if file.metadata.get(b"fingerprint") != fingerprint.encode():
            return False
        if {name: list(facts) for name, facts in stored.shard_files(shard).items()} != files:
            return False
        if [row["index"] for row in rows] != list(range(shard * SHARD, shard * SHARD + len(rows))):
            return False
        columns = stored_columns(IMAGE_FOLDERS[subset.kind], stored.encoded)
        for row, item in zip(rows, stored.read([row["index"] for row in rows]), strict=True):
            actual = digests(item)
            if item.label != label_bytes(row["judgment"]) or any(actual.get(name) != row[name] for name in columns):
                return False
        return True

    def enter(
        self,
        subset: SubsetPath,
        shard: int,
        rows: list[dict[str, Any]],
        fingerprint: str,
        files: Mapping[str, StoredFile],
    ) -> None:
        """Write the entry of a shard. This is the last step of making the shard.

        Args:
            subset: the subset.
            shard: number of the shard in the subset, from 0.
            rows: one dictionary per item, see `table.entry_schema`.
            fingerprint: of the run, hex.
            files: what `Storage.write` returned.
        """
        self._enter(subset, shard, pa.Table.from_pylist(rows, schema=entry_schema(subset)), fingerprint, files)

    def _enter(
        self, subset: SubsetPath, shard: int, table: pa.Table, fingerprint: str, files: Mapping[str, StoredFile]
    ) -> None:
        metadata = {"fingerprint": fingerprint, "files": json.dumps(files)}
        sink = pa.BufferOutputStream()
        pq.write_table(table.replace_schema_metadata(metadata), sink, compression="zstd")
        self.record(flat_name(subset), shard, "parquet", sink.getvalue().to_pybytes())

    def seal(self, run: Run, card: str, labellings: Mapping[str, Mapping[SubsetPath, pa.Table]] | None = None) -> None:
        """Join the entries into manifests and labellings, and seal the dataset.

        Args:
            run: what it was made from.
            card: text of the dataset card, Markdown.
            labellings: more labellings than that of the entries: name → subset → table with columns `LABEL_SCHEMA`.

        Raises:
            BappsmithError: a shard is missing, or was made by another run.
        """
        shard_files: dict[str, StoredFile] = {}
        names: list[str] = []
        for subset in run.recipe.subsets:
            shard_files |= self._join(run, subset.where, subset.count)
            names += [manifest_name(subset.where), labels_name(subset.where, RECIPE_LABELS)]
        for labelling, tables in (labellings or {}).items():
            for subset, table in tables.items():
                names.append(write_labels(self, run, subset, labelling, table))
        kept = self._kept_labellings(run, {RECIPE_LABELS, *(labellings or {})})
        names += [labels_name(subset.where, labelling) for labelling in kept for subset in run.recipe.subsets]
        data = run.to_json()
        listing = _json_bytes({key: data.pop(key) for key in ("photographs", "bank_photographs")})
        facts = {CARD: card.encode(), **_recipes(run), SOURCES: listing}
        for name, content in facts.items():
            self.store.write(name, content)
        tables = {}
        for path in (subset.where for subset in run.recipe.subsets):
            manifest, labels = manifest_name(path), labels_name(path, RECIPE_LABELS)
            tables[str(path)] = (path, manifest, self.file(manifest).sha256, manifest_schema(path))
            tables[f"{path}/labels"] = (path, labels, self.file(labels).sha256, LABEL_SCHEMA)
        facts[CROISSANT] = _json_bytes(croissant(run, tables))
        self.store.write(CROISSANT, facts[CROISSANT])
        data["subsets"] = {str(subset.where): subset.count for subset in run.recipe.subsets}
        data["labels"] = {"active": RECIPE_LABELS, "names": sorted({RECIPE_LABELS, *kept, *(labellings or {})})}
        files = {name: self.file(name) for name in (*facts, *names)} | shard_files
        data["files"] = {name: file._asdict() for name, file in files.items()}
        self.finish(data, run.work_parts())

    def _kept_labellings(self, run: Run, written: set[str]) -> list[str]:
        """Name the labellings that are whole beside those that are written now: a damaged seal does not cost them."""
        fingerprint = run.fingerprint()
        names = {name.split("/")[1] for name in self.store.files("labels") if name.count("/") == 2} - written
        kept = []
        for labelling in sorted(names):
            with suppress(FileNotFoundError, DamagedError):
                for subset in run.recipe.subsets:
                    file = TableFile(self.store, labels_name(subset.where, labelling), LABEL_SCHEMA)
                    shares = file.read(["judgment"])["judgment"].to_numpy()
                    if not self._of_run(file, subset, fingerprint) or not ((shares >= 0) & (shares <= 1)).all():
                        break
                else:
                    kept.append(labelling)
        return kept

    def _join(self, run: Run, subset: SubsetPath, count: int) -> dict[str, StoredFile]:
        """Write the manifest and judgments of a subset from its entries; return its files that hold several items."""
        shards = -(-count // SHARD)
        missing = sorted(set(range(shards)) - self.done(flat_name(subset)))
        if missing:
            raise BappsmithError(
                f"{self.root}: shard {missing[0]} of {subset} is missing; run `bappsmith generate` again to make it"
            )
        shard_files: dict[str, StoredFile] = {}
        fingerprint = run.fingerprint()
        metadata = {"fingerprint": fingerprint}
        manifest, labels = (schema.with_metadata(metadata) for schema in (manifest_schema(subset), LABEL_SCHEMA))
        with (
            self.store.writing(manifest_name(subset)) as rows_file,
            self.store.writing(labels_name(subset, RECIPE_LABELS)) as labels_file,
            pq.ParquetWriter(rows_file, manifest, compression="zstd") as rows,
            pq.ParquetWriter(labels_file, labels, compression="zstd") as judgments,
        ):
            for shard in range(shards):
                file = TableFile(self.store, self.entry(flat_name(subset), shard, "parquet"), entry_schema(subset))
                table, entered = file.read(), file.metadata
                if entered.get(b"fingerprint") != fingerprint.encode():
                    raise BappsmithError(
                        f"{self.root}: shard {shard} of {subset} was made by another run; run `bappsmith generate` "
                        "again to make it"
                    )
                shard_files |= {name: StoredFile(*file) for name, file in json.loads(entered[b"files"]).items()}
                rows.write_table(table.select(manifest.names).cast(manifest))
                judgments.write_table(table.select(labels.names).cast(labels))
        return shard_files | self.storage(run.recipe, run.form, subset).finish()

    def file(self, name: str) -> StoredFile:
        """Compute sha256 and size of a file."""
        return StoredFile(sha256_stored(self.store, name), self.store.size(name))


def write_labels(log: WorkLog, run: Run, subset: SubsetPath, labelling: str, table: pa.Table) -> str:
    """Write the table of judgments of a subset; return its file name."""
    name = labels_name(subset, labelling)
    schema = LABEL_SCHEMA.with_metadata({"fingerprint": run.fingerprint()})
    with log.store.writing(name) as partial:
        # A row group for each shard: workers read the rows of one shard.
        pq.write_table(table.select(schema.names).cast(schema), partial, compression="zstd", row_group_size=SHARD)
    return name


def _recipes(run: Run) -> dict[str, bytes]:
    """File name → content of the recipe; of a derived dataset, of the recipes of its parents."""
    if not run.parents:
        return {RECIPE: run.recipe.to_yaml().encode()}
    return {
        f"{PARENTS}/{facts['fingerprint'][:12]}.yaml": Recipe.from_dict(facts["recipe"]).to_yaml().encode()
        for facts in run.parents
    }


def _json_bytes(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()
