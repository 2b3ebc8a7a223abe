"""The whole road of human judgments once: generate, serve, people, votes, train, evaluate, report.

    python experiments/annotation/road.py --out road                       # trained from scratch
    python experiments/annotation/road.py --out road --trunk-weights alexnet.pth

It makes 500 triplets, serves them, lets simulated people judge over HTTP, makes a labelling of their votes, trains
LPIPS on it and evaluates it on other photographs. Every step is the command that a laboratory would type, and is
printed. The people are simulated: with probability 1 - --lapse they follow the default judge's probability, else they
press any key. So the scores say that the road works, and nothing about people.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import subprocess
from pathlib import Path

import yaml
from http_client import Connection, Latencies
from server_process import COMMAND, Server, free_port, personal_links
from simulated_people import Person, Preferences

from bappsmith.annotation.study.source import DatasetSource
from bappsmith.manifests.dataset import Dataset

VOTES, ITEMS = 5, 100
"""Votes per triplet, and triplets per person."""
SPARE = 10
"""People beyond those that are needed if nobody is set aside."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="new folder for everything that is made")
    parser.add_argument("--photos", default="samples", help="folder of photographs; default: those in scikit-image")
    parser.add_argument("--triplets", type=int, default=500, help="four fifths of them for training")
    parser.add_argument("--trunk-weights", help="AlexNet's weights; without them, all layers are trained from scratch")
    parser.add_argument("--lapse", type=float, default=0.05, help="share of answers that are any key")
    options = parser.parse_args()
    options.out.mkdir(parents=True)
    dataset, recipe = str(options.out / "dataset"), options.out / "recipe.yaml"
    val = options.triplets // 5
    counts = {"2afc/train/road": options.triplets - val, "2afc/val/road": val}
    recipe.write_text(
        yaml.safe_dump(
            {
                "name": "road",
                "sources": {"path": options.photos, "val_fraction": 0.3},
                "subsets": [
                    {"path": path, "triplets": count, "distort": {"operators": ["set:bapps-traditional"]}}
                    for path, count in counts.items()
                ],
            }
        )
    )
    command("generate", str(recipe), "--out", dataset)
    asyncio.run(people_judge(Path(dataset), options))
    command("annotate", "status", dataset)
    command("annotate", "votes", dataset, "--as", "people", "--activate", "--raw", str(options.out / "votes.parquet"))
    mode = ("lin", "--trunk-weights", options.trunk_weights) if options.trunk_weights else ("scratch",)
    metric = options.out / "metric"
    command("train", dataset, "--net", "alex", "--mode", *mode, "--out", str(metric))
    command(
        *("evaluate", dataset, "--metric", "l2", "--metric", "ssim", "--metric", str(metric / "last.safetensors")),
        *("--report", str(options.out / "report.html")),
    )


def command(*arguments: str) -> None:
    """Run a command as a person would type it, and print it."""
    print(f"\n$ bappsmith {shlex.join(arguments)}", flush=True)
    subprocess.run([*COMMAND, *arguments], check=True)


async def people_judge(dataset: Path, options: argparse.Namespace) -> None:
    """Serve the dataset until every triplet has its votes."""
    opened = Dataset(dataset)
    truth = {}
    for path in opened:
        probabilities = opened[path].labels().probabilities
        if probabilities is None:
            raise SystemExit("the default judge gives probabilities, this dataset has none")
        truth[path] = probabilities * (1 - options.lapse) + options.lapse / 2
    preferences = Preferences(DatasetSource(dataset), given=truth)
    study = dataset.with_name(f"{dataset.name}-study")
    settings = ["--votes", str(VOTES), "--set", f"afc.items={ITEMS}", "--set", "afc.show_ms=0"]
    running, latencies = Server(dataset, study, free_port(), settings), Latencies()
    print(f"\n$ bappsmith annotate serve {dataset} {shlex.join(settings)}", flush=True)
    await running.start()
    count = -(-options.triplets * VOTES // ITEMS) + SPARE
    links = personal_links(dataset, study, running.port, count)
    people = [
        Person(number + 1, "careful", link, Connection("127.0.0.1", running.port, latencies), preferences)
        for number, link in enumerate(links)
    ]
    await asyncio.gather(*(one.judge() for one in people))
    running.stop()
    for one in people:
        await one.connection.close()
    finished = sum(one.code is not None for one in people)
    print(json.dumps({"people": count, "finished": finished, "answers": sum(len(one.acknowledged) for one in people)}))


if __name__ == "__main__":
    main()
