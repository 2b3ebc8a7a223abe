"""The command `select-pairs`: which pairs of images to ask people about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .completion import complete, metrics
from .options import Device, HeadWeights, Json, Net, TrunkWeights
from .progress import progress_bar


def select_pairs(
    folder: Annotated[str, typer.Argument(help="Folder of images.")],
    queries: Annotated[int, typer.Option(min=1, help="Number of images to draw as queries.")],
    out: Annotated[Path, typer.Option(help="File of pairs to write: CSV, or Parquet (suffix .parquet).")],
    metric: Annotated[
        list[str] | None,
        typer.Option(help="As in evaluate; repeatable. Default: l2, ssim.", autocompletion=complete(metrics)),
    ] = None,
    top: Annotated[int, typer.Option(min=0, help="Nearest images per query and metric.")] = 10,
    random: Annotated[int, typer.Option(min=0, help="Random images per query among the rest.")] = 5,
    size: Annotated[int, typer.Option(min=16, max=4096, help="Width and height that images are scaled to, px.")] = 224,
    seed: Annotated[
        int, typer.Option(min=0, help="Seed of queries and random images, and of the trunk of 'random'.")
    ] = 0,
    net: Net = None,
    trunk_weights: TrunkWeights = None,
    head_weights: HeadWeights = None,
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Choose pairs of images that people judge: what several metrics find near, and random ones.

    `bappsmith annotate serve FOLDER --pairs FILE` asks about them, `bappsmith evaluate FOLDER --protocol retrieval
    --pairs FILE` scores metrics on the votes.
    """
    from bappsmith.annotation.selection.retrieval_candidates import retrieval_candidates
    from bappsmith.lpips.data.retrieval.write import write_pairs
    from bappsmith.lpips.device import find_device
    from bappsmith.lpips.evaluation.metrics import find_metric
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.pipeline.sources.decode import decode_file
    from bappsmith.pipeline.sources.find import find_photographs

    if out.exists():
        raise BappsmithError(f"--out {out}: exists, and may hold votes; choose another name")
    if not out.resolve().parent.is_dir():
        raise BappsmithError(f"--out {out}: folder {out.parent} does not exist; make it first")
    chosen = find_device(device)
    names = list(dict.fromkeys(metric or ["l2", "ssim"]))
    metrics = {
        name: find_metric(name, net=net, trunk_weights=trunk_weights, head_weights=head_weights, seed=seed)
        for name in names
    }
    images = list(find_photographs(folder).stamps)
    with progress_bar() as progress:
        pairs = retrieval_candidates(
            folder,
            images,
            metrics,
            decode_file,
            queries=queries,
            top=top,
            random=random,
            seed=seed,
            size=size,
            device=chosen,
            progress=progress,
        )
    write_pairs(out, pairs)
    drawn = sum(pair.found_by == "random" for pair in pairs)
    counts = {"pairs": len(pairs), "found": len(pairs) - drawn, "random": drawn, "queries": queries}
    counts |= {f"found by {name}": sum(f"{name}:" in pair.found_by for pair in pairs) for name in names}
    if as_json:
        typer.echo(json.dumps(counts))
        return
    typer.echo(f"{out}: {len(pairs):,} pairs of {queries:,} queries from {len(images):,} images")
    typer.echo(", ".join(f"{name} {count:,}" for name, count in list(counts.items())[1:]))
