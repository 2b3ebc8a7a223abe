"""Docstrings, read by section."""

from __future__ import annotations

from bappsmith.manifests.docstring import attributes, paragraphs


class Example:
    """First line.

    A paragraph
    of two lines.

    Attributes:
        width: of the thing, px: whole
            numbers only.
        name: what it is called.

    Raises:
        OSError: never.
    """


def test_paragraphs_end_at_the_first_section():
    assert paragraphs(Example.__doc__) == ["First line.", "A paragraph of two lines."]
    assert paragraphs(None) == []


def test_attributes_are_joined_to_one_line():
    assert attributes(Example.__doc__) == {
        "width": "of the thing, px: whole numbers only.",
        "name": "what it is called.",
    }
    assert attributes("Only prose.") == {}
