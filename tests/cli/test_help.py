"""The help as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer
from rich.text import Text

from bappsmith.cli.main import app


def commands(command: Any, name: str = "bappsmith") -> Iterator[tuple[str, Any]]:
    yield name, command
    for word, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{name} {word}")


ALL = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", ALL)
def test_every_text_is_shown_whole(name: str):
    command = ALL[name]
    texts = [command.help, *(getattr(parameter, "help", None) for parameter in command.params)]
    for text in filter(None, texts):
        assert Text.from_markup(text).plain == text.replace("\\[", "[")


@pytest.mark.parametrize("name", ALL)
def test_every_command_and_option_says_what_it_is_for(name: str):
    command = ALL[name]
    assert command.help
    assert all(parameter.help for parameter in command.params if parameter.name != "help")


def test_commands_stand_in_groups():
    top = typer.main.get_command(app)
    assert all(getattr(command, "rich_help_panel", None) for command in top.commands.values())  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["evaluate", "compare", "select", "select-pairs", "quickstart"])
def test_paragraphs_are_not_broken_where_the_source_is(name: str):
    assert "\n" not in ALL[f"bappsmith {name}"].help.replace("\n\n", "")
