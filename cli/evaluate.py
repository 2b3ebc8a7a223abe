"""The command `evaluate`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .completion import complete, metrics
from .options import DATA, Cache, Device, HeadWeights, Json, Labels, Net, Reduce, TrunkWeights
from .progress import progress_bar
from .scores import print_scores
from .subsets import list_subsets, name_of

if TYPE_CHECKING:
    from bappsmith.lpips.evaluation.ramps import Ladder
    from bappsmith.lpips.evaluation.retrieval import Retrieval


def evaluate(
    subset: Annotated[
        list[str] | None,
        typer.Argument(
            help="Subsets (DATASET/2afc/val/NAME) or whole datasets: folders or addresses. With --protocol retrieval, "
            "the folder of images."
        ),
    ] = None,
    protocol: Annotated[
        Literal["bapps", "retrieval"],
        typer.Option(help="bapps: 2AFC and JND of subsets. retrieval: labelled pairs of images, see --pairs."),
    ] = "bapps",
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help="A baseline, random, untrained, untrained-structure (or other forms), published, bappsmith-alex (or "
            "-squeeze), lpips (needs --head-weights) or a checkpoint file; repeatable. Default: l2, ssim.",
            autocompletion=complete(metrics),
        ),
    ] = None,
    net: Net = None,
    trunk_weights: TrunkWeights = None,
    head_weights: HeadWeights = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the trunk of 'random'.")] = 0,
    mos: Annotated[
        list[Path] | None,
        typer.Option(
            rich_help_panel="People's scores and ramps",
            help="People's scores: a CSV file with the columns reference, distorted, and score, mos or dmos; or a "
            "folder of KADID-10k, TID2013, CSIQ, LIVE or PIPAL; repeatable.",
        ),
    ] = None,
    min_gap: Annotated[
        float,
        typer.Option(
            min=0,
            rich_help_panel="People's scores and ramps",
            help="Pairs of people's scores count if they differ by more than this many standard deviations of the set.",
        ),
    ] = 0.5,
    ramps: Annotated[
        str | None,
        typer.Option(
            rich_help_panel="People's scores and ramps",
            help="Folder or glob of photographs, or 'samples': distort them with rising severity, and see whether "
            "distances rise.",
        ),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            rich_help_panel="Retrieval",
            help="Labelled pairs for --protocol retrieval: CSV or Parquet with the columns query, candidate, similar "
            "and votes (how many of how many people), or share.",
        ),
    ] = None,
    gallery: Annotated[
        bool,
        typer.Option(
            "--gallery",
            rich_help_panel="Retrieval",
            help="Rank all images of the folder as well, not only judged candidates.",
        ),
    ] = False,
    k: Annotated[
        list[int] | None,
        typer.Option(
            "-k",
            min=1,
            rich_help_panel="Retrieval",
            help="Number of nearest candidates of HR@k, MRR@k and P@k; repeatable. Default: 5, 9.",
        ),
    ] = None,
    size: Annotated[
        int,
        typer.Option(
            min=16,
            max=4096,
            rich_help_panel="Retrieval",
            help="Width and height that images of pairs are scaled to, px.",
        ),
    ] = 224,
    labels: Labels = None,
    selection: Annotated[
        Path | None,
        typer.Option(
            rich_help_panel=DATA,
            help="File of `bappsmith select`: score on these items alone, weighted by 1 / probability, so that scores "
            "estimate those on all items.",
        ),
    ] = None,
    cache: Cache = None,
    device: Device = None,
    reduction: Reduce = "exact",
    report: Annotated[Path | None, typer.Option(help="Write a self-contained HTML report here.")] = None,
    as_json: Json = False,
) -> None:
    """Score metrics with 95 % intervals, and compare the last metric with the others.

    On BAPPS subsets, on people's scores of distorted images (--mos), on labelled pairs of images (--protocol
    retrieval), and on ramps of severity (--ramps).
    """
    from bappsmith.distortions.registry import operators
    from bappsmith.lpips.data.mos.read import read_mos
    from bappsmith.lpips.device import find_device
    from bappsmith.lpips.evaluation.evaluate import evaluate as score
    from bappsmith.lpips.evaluation.metrics import find_metric
    from bappsmith.lpips.evaluation.provenance import notes_on_training
    from bappsmith.manifests.errors import BappsmithError

    retrieval = [_retrieval(subset, pairs, gallery, k, size)] if protocol == "retrieval" else []
    if pairs is not None and not retrieval:
        raise BappsmithError(f"--pairs {pairs}: only --protocol retrieval uses labelled pairs; add it")
    if retrieval and (labels is not None or selection is not None):
        raise BappsmithError(
            "--labels and --selection concern subsets of datasets, not --protocol retrieval; leave them out"
        )
    if not (subset or mos or ramps):
        raise BappsmithError("evaluate: nothing to score on; give a subset or dataset, --mos PATH or --ramps PHOTOS")
    if report is not None and not report.resolve().parent.is_dir():
        raise BappsmithError(f"--report {report}: folder {report.parent} does not exist; make it first")
    chosen_device = find_device(device)
    names = list(dict.fromkeys(metric or ["l2", "ssim"]))
    metrics = {
        name: find_metric(name, net=net, trunk_weights=trunk_weights, head_weights=head_weights, seed=seed)
        for name in names
    }
    roots = list_subsets(subset, "2afc/val", "jnd/val", labels=labels) if subset and not retrieval else []
    chosen = None
    if selection is not None:
        from bappsmith.annotation.selection.selection_file import read_selection

        read = read_selection(selection)
        chosen = {name: read.of_subset(name) for name in dict.fromkeys(read.subsets)}
        roots = [root for root in roots if name_of(root) in chosen] or roots
    scored = [read_mos(path) for path in mos or ()]
    families = {name: op.family for name, op in operators().items()}
    with progress_bar() as progress:
        ladders: Sequence[Ladder] = ()
        if ramps:
            from bappsmith.pipeline.ramps import make_ramps

            ladders = make_ramps(ramps, progress=progress)
        evaluation = score(
            roots,
            metrics,
            mos=scored,
            min_gap=min_gap,
            retrieval=retrieval,
            ramps=ladders,
            cache=cache,
            reduction=reduction,
            families=families,
            selection=chosen,
            device=chosen_device,
            progress=progress,
        )
    for name in names:
        if Path(name).suffix == ".safetensors":
            evaluation.notes += notes_on_training(evaluation, name, name)
    if report is not None:
        from bappsmith.lpips.evaluation.report import write_report

        write_report(report, evaluation, title="Evaluation of " + ", ".join(names))
    if as_json:
        typer.echo(json.dumps(evaluation.to_json()))
    else:
        print_scores(evaluation)


def _retrieval(
    folders: list[str] | None, pairs: Path | None, gallery: bool, ks: list[int] | None, size: int
) -> Retrieval:
    """Read labelled pairs, and list the images to rank."""
    from bappsmith.lpips.data.retrieval.read import read_pairs
    from bappsmith.lpips.evaluation.retrieval import KS, Retrieval
    from bappsmith.manifests.errors import BappsmithError
    from bappsmith.pipeline.sources.decode import decode_file
    from bappsmith.pipeline.sources.find import find_photographs

    if not folders or len(folders) > 1 or pairs is None:
        raise BappsmithError(
            "--protocol retrieval needs one folder of images and its labelled pairs: bappsmith evaluate FOLDER "
            "--protocol retrieval --pairs FILE"
        )
    labelled = read_pairs(pairs, folders[0])
    images = list(find_photographs(folders[0]).stamps) if gallery else []
    return Retrieval(labelled, decode_file, images, sorted({*(ks or KS)}), size)
