"""The commands `distortions list`, `show`, `catalogue`, `check` and `new`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .completion import complete, families, operators, sets, tags
from .options import Json, Plugin
from .progress import progress_bar
from .table import print_table

if TYPE_CHECKING:
    from bappsmith.distortions import Distortion, View
    from bappsmith.distortions.catalogue.card import Card

app = typer.Typer(name="distortions", help="The catalogue of operators.", no_args_is_help=True)

_STRIPS = {64: (4, 64), 256: (2, 120)}
"""Side of the patches in strips, px → number of patches, px around them."""
Names = Annotated[
    list[str] | None,
    typer.Argument(
        help="Names of operators. Default: those of the plugins, or all that are known.",
        autocompletion=complete(operators),
    ),
]
Photos = Annotated[
    str | None,
    typer.Option(help="Folder, glob or address of photographs to cut patches from. Default: those in scikit-image."),
]


@app.command("list")
def list_operators(
    family: Annotated[
        str | None, typer.Option(help="Only operators of this family.", autocompletion=complete(families))
    ] = None,
    tag: Annotated[
        str | None, typer.Option(help="Only operators with this tag.", autocompletion=complete(tags))
    ] = None,
    named_set: Annotated[
        str | None, typer.Option("--set", help="Only operators of this named set.", autocompletion=complete(sets))
    ] = None,
    plugin: Plugin = None,
    as_json: Json = False,
) -> None:
    """List operators: what each does, what its severities are, and what it needs.

    Severities are fitted (equal ones do about equal damage), along declared ends, or not comparable (published ends).
    """
    from bappsmith.distortions.catalogue.card import SEVERITY_WORDS, card
    from bappsmith.manifests.errors import unknown_name
    from bappsmith.manifests.recipe.named_sets import named_set as names_of

    cards = [card(op) for op in _chosen(None, plugin, all_known=True)]
    for what, wanted, known in (
        ("family", family, {one.family for one in cards}),
        ("tag", tag, {tag for one in cards for tag in one.tags}),
    ):
        if wanted is not None and wanted not in known:
            raise unknown_name(what, wanted, known)
    members = None if named_set is None else names_of(named_set)
    cards = [
        one
        for one in cards
        if family in (None, one.family)
        and (tag is None or tag in one.tags)
        and (members is None or one.name in members)
    ]
    if as_json:
        typer.echo(json.dumps({one.name: one.to_json() for one in cards}))
        return
    from rich.markup import escape
    from rich.table import Table

    table = Table("family", "operator", "what it does", "severity", "needs")
    for one in cards:
        cells = one.family, one.name, one.summary, SEVERITY_WORDS[one.severity], _needs(one)
        table.add_row(*map(escape, cells))
    print_table(table)


@app.command()
def show(
    names: Names = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for a strip per operator: patches at rising severity.")
    ] = None,
    side: Annotated[Literal["64", "256"], typer.Option(help="Side of the patches of the strips, px.")] = "64",
    photos: Photos = None,
    plugin: Plugin = None,
    as_json: Json = False,
) -> None:
    """Print what is known of operators: parameters, source, what severity means, speed. Strips go to --out."""
    from bappsmith.distortions.catalogue.card import card
    from bappsmith.distortions.conformance import microseconds
    from bappsmith.manifests.errors import BappsmithError

    chosen = _chosen(names, plugin)
    if out is not None and names:
        _refuse(_unavailable(chosen))
    size = int(side)
    views = _views(size, photos) if out is not None else []
    facts: dict[str, dict[str, Any]] = {}
    for op in chosen:
        known, times, problem = card(op), {}, ""
        try:
            _refuse(_unavailable([op]))
            times = {sides: microseconds(op, sides) for sides in _STRIPS}
        except BappsmithError as error:  # the rest can be shown
            problem = str(error)
        facts[op.name] = {**known.to_json(), "microseconds": times, "problem": problem}
        if not as_json:
            _print_card(known, times, problem)
        if out is not None and known.unavailable is None:
            facts[op.name]["strip"] = _write_strip(op, views, out, size)
            if not as_json:
                typer.echo(f"  strip: {facts[op.name]['strip']}")
    if as_json:
        typer.echo(json.dumps(facts))


@app.command()
def catalogue(
    names: Names = None,
    out: Annotated[
        Path, typer.Option(help="Folder for the pages: a new one, or an earlier catalogue, which is replaced.")
    ] = Path("catalogue"),
    photos: Photos = None,
    plugin: Plugin = None,
    as_json: Json = False,
) -> None:
    """Write pages with pictures: one per operator, and lists by family, tag and named set (Markdown, WebP)."""
    from bappsmith.distortions.catalogue.build import build_catalogue

    chosen = _chosen(names, plugin, all_known=True)
    views = {size: _views(size, photos) for size in _STRIPS}
    origin = "photographs inside scikit-image" if photos is None else "own photographs"
    with progress_bar() as progress:
        built = build_catalogue(chosen, views, out, origin, lambda done, total: progress("operators", done, total))
    if as_json:
        typer.echo(json.dumps({"index": str(built.index), "operators": len(chosen), "problems": built.problems}))
        return
    for name, problem in built.problems.items():
        typer.echo(f"{name}: no pictures: {problem}", err=True)
    typer.echo(f"{built.index}: {len(chosen)} operators, {built.size / 1e6:.0f} MB")


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Python file with operators of your own, or folder of a bank or of ncnn models. Default: all known "
            "operators."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for two PNG files per operator: patches of 64 and 256 px.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check operators against the contract, and measure what a metric could learn from them.

    Errors are root mean squares in levels of 255, medians over natural patches.

    rim: error of the outermost ring of pixels over that of the others
    mirror: share that depends on pixels that are not of the photograph
    phase: how far the error depends on the position modulo 16 px
    reach: error at severity 1 over that at .1
    64, 128, 256: error at severity .5 for patches of that side
    t 64, t 256: time over that of a bare library call, if one is named
    """
    from rich.box import SIMPLE
    from rich.table import Table

    from bappsmith.distortions.conformance import HEADINGS, examine, figure_cells, relative_time
    from bappsmith.distortions.patches import natural_patches
    from bappsmith.distortions.plugins import load_plugin
    from bappsmith.distortions.registry import operator, operators

    patches = natural_patches(24)
    names = load_plugin(file) if file is not None else list(operators())
    missing = _unavailable(operator(name) for name in names)
    if file is not None:
        _refuse(missing)
    names = [name for name in names if name not in missing]
    table = Table("operator", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    facts: dict[str, dict[str, Any]] = {}
    with progress_bar() as progress:
        for done, name in enumerate(names, start=1):
            op = operator(name)
            violations, figures = examine(op, patches)
            facts[name] = {"violations": violations, "figures": None, "times": [None, None], "pictures": []}
            if figures is not None:
                times = relative_time(op, 64), relative_time(op, 256)
                table.add_row(name, *figure_cells(figures, times))
                pictures = _write_pictures(op, out) if out is not None else []
                facts[name] |= {"figures": asdict(figures), "times": times, "pictures": pictures}
            progress("operators", done, len(names))
    if as_json:
        typer.echo(json.dumps(facts))
    else:
        if table.rows:
            print_table(table)
        for name, fact in facts.items():
            typer.echo(f"{name}: {'breaks' if fact['violations'] else 'keeps'} the contract")
            for violation in fact["violations"]:
                typer.echo(f"  {violation}")
        for name, reason in missing.items():
            typer.echo(f"{name}: left out, {reason}")
    if any(fact["violations"] for fact in facts.values()):
        raise typer.Exit(1)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the operator, in snake_case.")],
    out: Annotated[Path, typer.Option(help="Folder for NAME.py.")] = Path(),
) -> None:
    """Write a file with a small operator that keeps the contract, to be changed."""
    from bappsmith.distortions.template import write_template

    file = write_template(name, out)
    typer.echo(f"{file}: change it, then run `bappsmith distortions check {file}`")


def _chosen(names: list[str] | None, plugins: list[str] | None, *, all_known: bool = False) -> list[Distortion]:
    """Load plugins, and return the operators of these names; else those of the plugins, if there are any; else all."""
    from bappsmith.distortions.plugins import load_plugin
    from bappsmith.distortions.registry import operator, operators

    own = [name for path in plugins or () for name in load_plugin(path)]
    return [operator(name) for name in names or (not all_known and own) or operators()]


def _views(side: int, photos: str | None) -> list[View]:
    """Return patches for strips: of a person's photographs, or of those inside scikit-image."""
    count, margin = _STRIPS[side]
    if photos is None:
        from bappsmith.distortions.patches import natural_views

        return natural_views(count, side, margin)
    from bappsmith.pipeline.rendering.sample_views import sample_views

    return sample_views(photos, count, side, margin)


def _unavailable(operators: Iterable[Distortion]) -> dict[str, str]:
    """Return name → what this machine lacks, for the operators that it cannot apply."""
    return {op.name: reason for op in operators if (reason := op.unavailable())}


def _refuse(missing: dict[str, str]) -> None:
    """Refuse operators that a person named and this machine cannot apply."""
    from bappsmith.manifests.errors import BappsmithError

    for name, reason in missing.items():
        raise BappsmithError(f"operator '{name}' {reason}")


def _write_strip(op: Distortion, views: list[View], out: Path, side: int) -> str:
    from PIL import Image

    from bappsmith.distortions.strips import severity_strip

    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{op.name}-{side}.png"
    Image.fromarray(severity_strip(op, views)).save(file)
    return str(file)


def _needs(card: Card) -> str:
    """Return the packages that an operator needs, and what this machine lacks."""
    parts = list(map(str, card.needs))
    return "; ".join([*parts, f"unavailable: {card.unavailable}"] if card.unavailable else parts)


def _print_card(card: Card, times: dict[int, float], problem: str) -> None:
    from rich.box import SIMPLE
    from rich.markup import escape
    from rich.table import Table

    from bappsmith.distortions.catalogue.card import SEVERITY_WORDS
    from bappsmith.distortions.catalogue.cells import HEADINGS, severity_cells

    typer.echo(f"{card.name} ({card.family})")
    for paragraph in (card.summary, *card.details):
        typer.echo(f"  {paragraph}")
    facts = {
        "source": card.source,
        "parameters": "",
        **{f"  {name}": text for name, text in card.parameters.items()},
        "tags": ", ".join(card.tags),
        "sets": ", ".join(card.sets),
        "severity": SEVERITY_WORDS[card.severity] + (", saturates" if card.saturates else ""),
        "surroundings": f"up to {card.margin} px around a patch of 64 px" if card.margin else "none",
        "light": card.light,
        "portable": "yes" if card.portable else "no: pixels change with the processor's SIMD level",
        "degradation": ", ".join(card.degradation),
        "needs": _needs(card),
        "speed": ", ".join(f"{time:,.0f} µs at {side} px" for side, time in times.items()),
        "cannot run here": problem,
    }
    for name, value in facts.items():
        if value or name == "parameters":
            typer.echo(f"  {name}: {value}".rstrip())
    rows = severity_cells(card)
    if rows:
        table = Table(box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
        for number, heading in enumerate(HEADINGS):
            table.add_column(heading, justify="left" if number < 2 else "right")
        for row in rows:
            table.add_row(*map(escape, row))
        print_table(table)


def _write_pictures(op: Distortion, out: Path) -> list[str]:
    """Draw two strips with real surroundings, of small and of large patches."""
    return [_write_strip(op, _views(side, None), out, side) for side in _STRIPS]
