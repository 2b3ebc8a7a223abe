"""What decides the pixels of a dataset besides recipe and photographs: libraries, plugins and banks."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version

from bappsmith.distortions.plugins import foreign_sources
from bappsmith.distortions.registry import operators
from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.run import Run
from bappsmith.pipeline.judging.registry import judge_source

from .plan import Planner

JUDGE = "judge "
"""What names of judges start with among the foreign parts of a run."""

PIXEL_LIBRARIES = ("numpy", "opencv-python", "pillow", "scipy", "deflate", "bappsmith")
"""Libraries that compute or encode pixels of every dataset. Their versions are part of its fingerprint."""


def pixel_versions(planners: Iterable[Planner]) -> dict[str, str]:
    """Return package → version of the libraries that compute pixels for these planners."""
    known = operators()
    drawn = {library for planner in planners for name in planner.operator_names for library in known[name].libraries}
    return {name: version(name) for name in (*PIXEL_LIBRARIES, *sorted(drawn))}


def foreign_parts(planners: Iterable[Planner]) -> dict[str, str]:
    """Return the sha256 (hex) of what these planners use and is not part of bappsmith.

    Returns:
        Name of an operator → of its file or bank; "judge NAME" → of the judge's file and of the files that it reads.

    Raises:
        BappsmithError: such an operator or judge has no file.
    """
    planners = list(planners)
    sources = foreign_sources({name for planner in planners for name in planner.operator_names})
    for planner in planners:
        source = judge_source(planner.judge)
        if source is not None:
            sources[f"{JUDGE}{planner.judge.name}"] = source
    return sources


def bank_photographs(planners: Iterable[Planner]) -> tuple[str, ...]:
    """Return the sorted sha256 (hex) of the decoded pixels of all photographs that drawable banks were trained on."""
    known = operators()
    learnt = (known[name].learnt_from for planner in planners for name in planner.operator_names)
    return tuple(sorted(frozenset[str]().union(*learnt)))


def check_banks(planners: Iterable[Planner]) -> None:
    """Refuse a bank that was trained on photographs of a val subset: train and val never share a photograph.

    Raises:
        BappsmithError: a bank was trained on such a photograph; the message names it.
    """
    known = operators()
    for planner in planners:
        for name in planner.operator_names if planner.subset.where.split == "val" else ():
            shared = known[name].learnt_from.intersection(p.pixels_sha256 for p in planner.photographs)
            for photo in planner.photographs:
                if photo.pixels_sha256 in shared:
                    raise BappsmithError(
                        f"the networks of '{name}' were trained on {photo.name}, which is val in subset "
                        f"{planner.subset.path}; use a bank whose --recipe has the same val_fraction and split_seed"
                    )


def check_worker(run: Run, planners: Iterable[Planner]) -> None:
    """Refuse to work if libraries or operators differ from those of the process that started the run.

    Raises:
        BappsmithError: something differs; the message names it.
    """
    planners = list(planners)
    here = pixel_versions(planners)
    for name, wanted in run.versions.items():
        if here.get(name) != wanted:
            raise BappsmithError(
                f"a worker has {name} {here.get(name)}, the run was started with {wanted}; install the same version "
                "on all workers"
            )
    sources = foreign_parts(planners)
    for name in sorted({*sources, *run.plugins}):
        if sources.get(name) != run.plugins.get(name):
            what = name if name.startswith(JUDGE) else f"operator '{name}'"
            raise BappsmithError(
                f"a worker does not have the {what} that the run was started with; put it into its own file and give "
                "that file with --plugin, the same on all workers"
            )
