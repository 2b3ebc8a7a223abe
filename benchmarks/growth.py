"""Measure the client and the scheduler with many empty tasks, on local workers.

    python benchmarks/growth.py [--tasks 10000 100000] [--workers N]

Client and scheduler of a local cluster share one process; its memory and processor time are measured. Tasks have the
same size in bytes as those of a dataset.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path

from bappsmith.pipeline.shard import ShardTask
from bappsmith.pipeline.workers.clusters import local_client
from bappsmith.pipeline.workers.map_unordered import map_unordered


def idle(task: ShardTask) -> int:
    """Do nothing."""
    return task.shard


def resident() -> float:
    """Return the resident memory of this process, MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    print(f"{'tasks':>10}{'s':>9}{'tasks/s':>9}{'ms of processor/task':>22}{'MB before':>11}{'MB after':>10}")
    rows = []
    with local_client(options.workers) as client:
        list(map_unordered(client, idle, [ShardTask("", "", "", "", (), "", k) for k in range(100)]))  # imports
        for count in options.tasks:
            before, used, start = resident(), time.process_time(), time.perf_counter()
            tasks = (ShardTask("/a/dataset", "f" * 64, "tar", "/photos", (), "2afc/train/x", k) for k in range(count))
            done = sum(1 for _ in map_unordered(client, idle, list(tasks)))
            seconds, used = time.perf_counter() - start, time.process_time() - used
            figures = f"{done:10}{seconds:9.1f}{done / seconds:9.0f}{1000 * used / done:22.2f}"
            print(f"{figures}{before:11.0f}{resident():10.0f}", flush=True)
            rows.append({"tasks": done, "s": seconds, "cpu_s": used, "mb": resident()})
    print(json.dumps({"benchmark": "growth", "rows": rows}))


if __name__ == "__main__":
    main()
