"""Measure how long reading the rows of a shard takes, in manifests of any size.

    python benchmarks/manifest.py [--shards 20 196 1954] [--times 9]

Manifests have the columns of 2AFC and made-up values. The first reading in a process reads the footer, which has 3.8 KB
a shard; the others, of other shards, use the footer that was kept.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.parquet as pq

from bappsmith.manifests.forms.item import SHARD
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.store.local import LocalStore
from bappsmith.manifests.table import TableFile, manifest_schema

SCHEMA = manifest_schema(SubsetPath.parse("2afc/train/traditional"))
MANIFEST = "manifest.parquet"


def made_up(count: int) -> pa.Table:
    columns = []
    for field in SCHEMA:
        if pa.types.is_string(field.type):
            columns.append(pa.array([f"a text of a row, {row}" for row in range(count)]))
        elif pa.types.is_fixed_size_binary(field.type):
            columns.append(pa.array([os.urandom(32) for _ in range(count)], field.type))
        else:
            columns.append(pa.array(range(count)).cast(field.type))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", type=int, nargs="+", default=[20, 196, 1954])
    parser.add_argument("--times", type=int, default=9, help="shards that are read")
    options = parser.parse_args()
    rows, shard = [], made_up(SHARD)
    print(f"{'items':>10}{'MB':>8}{'first, ms':>12}{'median, ms':>12}")
    for shards in options.shards:
        with tempfile.TemporaryDirectory() as folder:
            with pq.ParquetWriter(Path(folder, MANIFEST), SCHEMA) as writer:
                for _ in range(shards):
                    writer.write_table(shard)
            store, times = LocalStore(folder), []
            for number in range(options.times):
                start = time.perf_counter()
                first = number % shards * SHARD
                TableFile(store, MANIFEST, SCHEMA, some=True).take(range(first, first + SHARD), MANIFEST)
                times.append(1000 * (time.perf_counter() - start))
            row = {"items": shards * SHARD, "mb": store.size(MANIFEST) / 1e6, "first": times[0]}
            rows.append(row | {"median": median(times[1:])})
            print(f"{row['items']:10,}{row['mb']:8.0f}{times[0]:12.1f}{median(times[1:]):12.1f}", flush=True)
    print(json.dumps({"benchmark": "manifest", "rows": rows}))


if __name__ == "__main__":
    main()
