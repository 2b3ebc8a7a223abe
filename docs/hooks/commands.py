"""Write the reference of the command line: a page per command or group of commands, from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from bappsmith.cli.main import app
from bappsmith.manifests.markdown import code_span, prose

_FOLDER = "reference/commands"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the index and the pages."""
    root = typer.main.get_command(app)
    listed = []
    for name, command in _commands(root).items():
        listed.append(f"| [`bappsmith {name}`]({name}.md) | {_first_sentence(command)} |")
        text = "\n\n".join(_page(f"bappsmith {name}", command, level=1))
        files.append(File.generated(config, f"{_FOLDER}/{name}.md", content=text + "\n"))
    index = [
        "# Command line",
        "Every command with its options, as `--help` prints them. With `--json`, figures are printed as data. Errors "
        "are one line on standard error, with exit status 1. A wrong option has status 2. Ctrl-C has 130: run the "
        "same command again to go on.",
        "\n".join(["| command | does |", "|---|---|", *listed]),
    ]
    files.append(File.generated(config, f"{_FOLDER}/index.md", content="\n\n".join(index) + "\n"))
    return files


def _commands(group: Any) -> dict[str, Any]:
    """Return name → command below a group; empty for a command."""
    return {name: command for name, command in getattr(group, "commands", {}).items() if not command.hidden}


def _page(name: str, command: Any, level: int) -> Iterator[str]:
    """Yield the blocks of a command, and of those below it."""
    yield f"{'#' * level} {name}"
    yield from (prose(part) for part in re.split(r"\n\s*\n", command.help or "") if part.strip())
    below = _commands(command)
    if not below:
        context = typer.Context(command, info_name=name)
        yield f"```sh\n{' '.join([name, *command.collect_usage_pieces(context)])}\n```"
        records = [parameter.get_help_record(context) for parameter in command.params]
        rows = [f"| {code_span(words)} | {prose(meaning)} |" for words, meaning in filter(None, records)]
        yield "\n".join(["| argument or option | meaning |", "|---|---|", *rows])
    for inner, subcommand in below.items():
        yield from _page(f"{name} {inner}", subcommand, level + 1)


def _first_sentence(command: Any) -> str:
    return prose(re.split(r"(?<=\.)\s", command.help or "", maxsplit=1)[0])
