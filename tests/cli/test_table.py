"""Tables on a narrow terminal."""

from __future__ import annotations

import pytest
from rich.table import Table

from bappsmith.cli.table import print_table


def test_on_a_terminal_long_names_go_on_in_the_next_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    table = Table("name", box=None, show_header=False)
    table.add_row("abcdefghijklmnopqrstuvwxyz")
    print_table(table)
    lines = capsys.readouterr().out.split("\n")
    assert max(map(len, lines)) <= 20
    assert "".join("".join(line.split()) for line in lines) == "abcdefghijklmnopqrstuvwxyz"
