"""The two pages of HTML."""

from __future__ import annotations

import re

import pytest

from bappsmith.annotation.pages.page import error_page, judge_page
from bappsmith.annotation.pages.texts import Texts, read_texts


def test_pages_have_language_direction_and_nothing_inline() -> None:
    texts = read_texts()
    for html in (judge_page(texts), error_page(texts, 404)):
        assert html.startswith('<!doctype html>\n<html lang="en" dir="ltr">')
        assert not re.search(r"<style|style=|\son\w+=|<script(?! type=\"module\" src=)", html)
        assert "user-scalable" not in html
        assert "$" not in html


def test_the_reason_of_an_error_is_escaped_and_its_text_fits() -> None:
    texts = read_texts()
    html = error_page(texts, 403, "<b>no</b>")
    assert "&lt;b&gt;no&lt;/b&gt;" in html
    assert "This link does not work" in html
    assert "cannot be stored" in error_page(texts, 507)
    assert "Something went wrong" in error_page(texts, 418)


@pytest.mark.parametrize("title", ["<script>", 'a" onload="x', "$title"])
def test_a_title_cannot_become_markup(title: str) -> None:
    shipped = read_texts()
    texts = Texts("en", "ltr", shipped.pages, {**shipped.labels, "title": title}, ())
    html = judge_page(texts)
    assert "<title>" in html
    assert "<script>" not in html
    assert '" onload' not in html
