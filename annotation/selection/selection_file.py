"""Files of selections: which items, with what probability, and how they were chosen. Parquet, or CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bappsmith.manifests.errors import BappsmithError, unknown_name
from bappsmith.manifests.forms.longest_text import longest_text
from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.store.atomic import atomic_write_bytes
from bappsmith.manifests.store.bounded import read_bounded

FORMAT = "bappsmith-selection-1"
KEYS = ("subset", "index", "probability")
LIMIT = 2**28
"""Largest size of a file, bytes. A million items take about 60 MB as CSV."""
MOST_VALUES = 50_000_000
"""Rows × columns of a Parquet file: 5 million items with 10 columns. Compressed, equal values take no room."""
LONGEST_NAME = 4_096
"""Longest name of a subset in a Parquet file, bytes."""
_META = b"bappsmith"
_SUFFIXES = (".parquet", ".csv")


class Population(Protocol):
    """What a selection is of, such as a question source: it names its subsets, and says how many items one has."""

    @property
    def root(self) -> str:
        """Folder or address, for messages."""
        ...

    def tasks(self) -> Mapping[str, str]:
        """Return the names of the subsets, each with its task."""
        ...

    def count(self, subset: str) -> int:
        """Return the number of items of a subset."""
        ...


@dataclass(frozen=True)
class Selection:
    """Items to ask people about.

    Attributes:
        subsets: path of the subset of every item, N texts.
        indices: position in the subset, int64, shape (N,).
        probabilities: probability with which the item was chosen, float64, shape (N,), in (0, 1].
        scores: method → score of the item, float64, shape (N,); "expected": probability of a vote for p1 (JND: "the
            same") that metrics expect.
        provenance: JSON values: method, metrics, seed, fingerprint of the dataset, and what was left out on purpose.
    """

    subsets: tuple[str, ...]
    indices: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    scores: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.indices)

    def rows(self) -> list[tuple[str, int, float]]:
        """Return (subset, index, probability) of every item, as `Study.create` takes them."""
        return list(zip(self.subsets, self.indices.tolist(), self.probabilities.tolist(), strict=True))

    def of_subset(self, subset: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return indices and probabilities of the items of one subset, in the order of the indices."""
        members = np.array([name == subset for name in self.subsets], bool)
        order = np.argsort(self.indices[members], kind="stable")
        return self.indices[members][order], self.probabilities[members][order]


def check_suffix(path: Path) -> None:
    """Refuse a file name whose suffix is not that of a selection.

    Raises:
        BappsmithError: see above.
    """
    if path.suffix not in _SUFFIXES:
        raise BappsmithError(f"{path}: a selection is a .parquet or .csv file, found '{path.suffix}'; rename it")


def write_selection(path: Path, selection: Selection) -> None:
    """Write a selection. In CSV, provenance is a first line that starts with "# ".

    Raises:
        BappsmithError: the suffix is not .parquet or .csv.
    """
    check_suffix(path)
    facts = json.dumps({"format": FORMAT, **selection.provenance}, ensure_ascii=False, sort_keys=True)
    keys = (selection.subsets, selection.indices.tolist(), selection.probabilities.tolist())
    columns = dict(zip(KEYS, keys, strict=True)) | {name: v.tolist() for name, v in selection.scores.items()}
    if path.suffix == ".csv":
        text = io.StringIO(newline="")
        text.write(f"# {facts}\n")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
        atomic_write_bytes(path, text.getvalue().encode())
        return
    types = {"subset": pa.string(), "index": pa.int32()}
    schema = pa.schema([(name, types.get(name, pa.float64())) for name in columns], metadata={_META: facts.encode()})
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, schema=schema), sink)
    atomic_write_bytes(path, sink.getvalue().to_pybytes())


def read_selection(path: str | Path, source: Population | None = None, fingerprint: str | None = None) -> Selection:
    """Read a selection, and check it against what it is of. A CSV file needs only the columns subset and index.

    Without a column `probability`, probabilities are NaN: scores on the items cannot be corrected.

    Args:
        path: a .parquet or .csv file.
        source: what it is of; None: not checked.
        fingerprint: of the dataset that it is of, hex; None: not checked.

    Raises:
        BappsmithError: the file cannot be read; a row (named by its number) is invalid, named twice, or not in the
            source; or the file was made for another dataset.
    """
    path = Path(path)
    check_suffix(path)
    data = read_bounded(path, LIMIT)
    facts, columns = _read_csv(path, data) if path.suffix == ".csv" else _read_parquet(path, data)
    if facts and facts.get("format") != FORMAT:
        raise BappsmithError(f"{path}: format {str(facts.get('format'))[:40]!r}, this version reads {FORMAT}")
    for name in KEYS[:2]:
        if name not in columns:
            raise BappsmithError(f"{path}: no column {name}; a selection has at least the columns subset and index")
    count = len(columns["subset"])
    if not count:
        raise BappsmithError(f"{path}: no item; a selection has at least one")
    numbers = {name: _numbers(path, name, values) for name, values in columns.items() if name != "subset"}
    subsets = tuple(printable(str(name), 200) for name in columns["subset"])
    indices = numbers["index"]
    wrong = np.flatnonzero(~((indices >= 0) & (indices == np.floor(indices)) & (indices < 2**31)))
    if len(wrong):
        raise BappsmithError(
            f"{path}, item {wrong[0] + 1}: an index is a whole number from 0, found {indices[wrong[0]]:g}; correct it"
        )
    probabilities = numbers.get("probability", np.full(count, np.nan))
    known = ~np.isnan(probabilities)
    wrong = np.flatnonzero(known & ~((probabilities > 0) & (probabilities <= 1)))
    if len(wrong):
        raise BappsmithError(
            f"{path}, item {wrong[0] + 1}: a probability is above 0 and at most 1, found {probabilities[wrong[0]]:g}; "
            "correct it, or leave out the column (then scores cannot be corrected)"
        )
    seen: dict[tuple[str, int], int] = {}
    for number, item in enumerate(zip(subsets, indices.astype(int).tolist(), strict=True), 1):
        if seen.setdefault(item, number) != number:
            raise BappsmithError(f"{path}, item {number}: {item[0]} {item[1]} is also item {seen[item]}; name it once")
    made_for = facts.get("dataset")
    if fingerprint is not None and made_for is not None and made_for != fingerprint:
        raise BappsmithError(
            f"{path} was made for a dataset with fingerprint {str(made_for)[:12]}, this one has {fingerprint[:12]}; "
            "give the selection of this dataset"
        )
    if source is not None:
        _check_items(path, seen, source)
    scores = {name: values for name, values in numbers.items() if name not in KEYS}
    return Selection(subsets, indices.astype(np.int64), probabilities, scores, dict(facts))


def _check_items(path: Path, items: Mapping[tuple[str, int], int], source: Population) -> None:
    known = source.tasks()
    named = dict.fromkeys(subset for subset, _ in items)
    for subset in named:
        if subset not in known:
            raise unknown_name(f"subset of {source.root}, in {path}", subset, known)
    counts = {subset: source.count(subset) for subset in named}
    for (subset, index), number in items.items():
        if index >= counts[subset]:
            raise BappsmithError(
                f"{path}, item {number}: {source.root} has items 0 to {counts[subset] - 1} in {subset}, found {index}; "
                "give the selection of this dataset"
            )


def _read_csv(path: Path, data: bytes) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BappsmithError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    first, _, rest = text.partition("\n")
    facts: dict[str, Any] = {}
    if first.startswith("# "):
        facts, text = _facts(path, first[2:]), rest
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = next(rows, [])
        if len(set(names)) != len(names):
            raise BappsmithError(f"{path}: a column is named twice; name every column once")
        columns: dict[str, list[Any]] = {name: [] for name in names}
        for number, row in enumerate(rows, 1):
            if not row:
                continue
            if len(row) != len(names):
                raise BappsmithError(f"{path}, item {number}: {len(row)} values for {len(names)} columns; correct it")
            for name, value in zip(names, row, strict=True):
                columns[name].append(value)
    except csv.Error as error:
        raise BappsmithError(f"{path}, line {rows.line_num}: not CSV ({error}); correct it") from error
    return facts, columns


def _read_parquet(path: Path, data: bytes) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    try:
        with pq.ParquetFile(pa.BufferReader(data), read_dictionary=["subset"]) as file:
            _refuse_parquet(path, file.metadata, file.schema_arrow)
            table = file.read(use_threads=False)
        table.validate(full=True)
        longest = longest_text(table["subset"]) if "subset" in table.schema.names else 0
        if longest > LONGEST_NAME:
            raise BappsmithError(f"{path}: a subset has a name of {longest:,} bytes, at most {LONGEST_NAME:,}")
        columns = table.to_pydict()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise BappsmithError(f"{path}: not a Parquet file ({printable(str(error), 120)}); make it again") from error
    text = (table.schema.metadata or {}).get(_META)
    return ({} if text is None else _facts(path, text.decode(errors="replace"))), columns


def _refuse_parquet(path: Path, metadata: pq.FileMetaData, schema: pa.Schema) -> None:
    """Refuse a file that would not fit the memory, or has columns of other types, before it is unpacked."""
    values = metadata.num_rows * len(schema.names)
    unpacked = sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups))
    if values > MOST_VALUES or unpacked > 8 * MOST_VALUES:
        raise BappsmithError(
            f"{path}: {metadata.num_rows:,} rows of {len(schema.names):,} columns; a selection has at most "
            f"{MOST_VALUES:,} values"
        )
    for name in schema.names:
        if schema.names.count(name) > 1:
            raise BappsmithError(f"{path}: a column is named twice; name every column once")
    for entry in schema:
        kind = entry.type.value_type if pa.types.is_dictionary(entry.type) else entry.type
        text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind)
        if not (text if entry.name == "subset" else number):
            holds = "text" if entry.name == "subset" else "numbers"
            shown = printable(f"{entry.name} holds {holds}, found type {kind}", 200)
            raise BappsmithError(f"{path}: column {shown}; convert it")


def _facts(path: Path, text: str) -> dict[str, Any]:
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        facts = None
    if not isinstance(facts, dict):
        raise BappsmithError(f"{path}: its provenance is not a JSON object; make the file again")
    return facts


def _numbers(path: Path, name: str, values: list[Any]) -> NDArray[np.float64]:
    numbers = np.empty(len(values))
    for position, value in enumerate(values):
        try:
            numbers[position] = math.nan if value is None or value == "" else float(value)
        except (TypeError, ValueError) as error:
            raise BappsmithError(
                f"{path}, item {position + 1}: {name} is a number, found '{printable(str(value), 40)}'; correct it"
            ) from error
    return numbers
