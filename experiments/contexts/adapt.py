"""Adapt LPIPS to random contexts, and see what it keeps (Pihlgren, Sandin and Liwicki 2023).

    python experiments/contexts/adapt.py --photos ~/photos --test-photos ~/other-photos --trunk-weights alexnet.pth \
        --variant lin --variant lin+replay --rankings 100 --workers 2 --out contexts

A context is a ranking of six types of distortion. One dataset is rendered, and each ranking is a labelling of it. A
metric is trained on each and measured on frozen sets of other photographs: its context, common sense (traditional
distortions judged by severity), and people's scores with --people-scores. Run it again to go on, with more rankings,
variants or nets too: finished rankings are kept. Written to --out: both datasets, a file per ranking, `contexts.md`,
`contexts.json` and `contexts.png`. Workers on other machines need this folder on their PYTHONPATH.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from command_line import run_script
from context_data import Sizes, make_data
from context_page import plot, summarise, to_json, to_markdown
from context_task import BASELINE, LIN, SCRATCH, VARIANTS, RankingTask, Settings, is_done, prepare, run_ranking
from rankings import draw_rankings, parse_ranking

from bappsmith.lpips.evaluation.plots import png
from bappsmith.manifests.store.atomic import atomic_write_bytes
from bappsmith.pipeline.workers.clusters import choose_client
from bappsmith.pipeline.workers.pool import WorkerPool


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", required=True, help="to train and validate on")
    parser.add_argument("--test-photos", required=True, help="of the frozen test sets: other ones")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--net", default="alex")
    parser.add_argument("--trunk-weights", default="pretrained")
    parser.add_argument("--variant", action="append", choices=VARIANTS[1:], help="repeatable; default: lin")
    parser.add_argument("--rankings", type=int, default=20, help="number of random rankings")
    parser.add_argument("--ranking", action="append", default=[], help="one more, such as zoom,blur,…; repeatable")
    parser.add_argument("--replay", type=float, default=0.25, help="common-sense triplets as a share of the others")
    parser.add_argument("--triplets", type=int, default=6000, help="to train on")
    parser.add_argument("--test-triplets", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=5, help="of lin, at the full rate, and as many after these")
    parser.add_argument("--trunk-triplets", type=int, default=1000, help="to train on where the trunk is trained")
    parser.add_argument("--trunk-epochs", type=int, default=1, help="as --epochs, where the trunk is trained")
    parser.add_argument("--people-scores", type=Path, help="as for experiments/people; distorts --test-photos")
    parser.add_argument("--people-photos", type=int, default=4)
    parser.add_argument("--fixed-people", action="store_true", help="measure people's scores with fixed trunks only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--scheduler")
    parser.add_argument("--cluster", type=Path)
    options = parser.parse_args(arguments)
    rankings = draw_rankings(options.rankings, options.seed)
    rankings += [one for one in map(parse_ranking, options.ranking) if one not in rankings]
    sizes = Sizes(
        train=options.triplets,
        val=max(1, options.triplets // 6),
        replayed=max(1, options.triplets // 2),
        test=options.test_triplets,
        common=options.test_triplets,
        same_chain=max(1, options.test_triplets // 4),
        people=options.people_photos,
    )
    pool = WorkerPool(choose_client(options.workers, options.scheduler, options.cluster))
    out = options.out.resolve()
    started = time.perf_counter()
    make_data(
        out, sizes, options.photos, options.test_photos, options.people_scores, options.workers, seed=options.seed
    )
    trunk = os.path.abspath(options.trunk_weights) if os.path.exists(options.trunk_weights) else options.trunk_weights
    prepare(str(out), options.net, trunk)
    print(f"data and one run of the trunk: {time.perf_counter() - started:.0f} s", flush=True)
    tasks = [
        RankingTask(str(out), ranking, _settings(options, trunk, variant))
        for variant in (BASELINE, *dict.fromkeys(options.variant or [LIN]))
        for ranking in rankings
    ]
    missing = [task for task in tasks if not is_done(task)]
    print(f"{len(tasks) - len(missing)} of {len(tasks)} rankings are finished", flush=True)
    started = time.perf_counter()
    with pool:
        for number, name in enumerate(pool.map_unordered(run_ranking, missing), start=1):
            print(f"{number} of {len(missing)}, {time.perf_counter() - started:.0f} s: {name}", flush=True)
    summaries = summarise(out)
    atomic_write_bytes(out / "contexts.json", (json.dumps(to_json(summaries), indent=1) + "\n").encode())
    atomic_write_bytes(out / "contexts.md", to_markdown(summaries).encode())
    atomic_write_bytes(out / "contexts.png", png(plot(summaries)))
    print(to_markdown(summaries))


def _settings(options: argparse.Namespace, trunk: str, variant: str) -> Settings:
    """Return the settings of a variant. What it does not use is 0, so that a change of it keeps its results."""
    heads, replay = variant.startswith((LIN, "tune")) and variant != "tune-cold", "+" in variant
    whole = variant.startswith(("tune", SCRATCH))
    return Settings(
        net=options.net,
        trunk_weights=trunk,
        variant=variant,
        epochs=options.epochs if heads else 0,
        trunk_epochs=options.trunk_epochs if whole else 0,
        trunk_triplets=options.trunk_triplets if whole else 0,
        replay=options.replay if replay else 0.0,
        people=not (options.fixed_people and whole),
        seed=options.seed,
    )


if __name__ == "__main__":
    run_script(main)
