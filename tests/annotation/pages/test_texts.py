"""Texts: Markdown to safe HTML, a laboratory's own first."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bappsmith.annotation.pages.files import STATIC
from bappsmith.annotation.pages.texts import SHIPPED, read_texts
from bappsmith.manifests.errors import BappsmithError


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name.replace('_', '-')}.md").write_text(text, encoding="utf-8")
    return folder


def test_shipped_texts_are_complete() -> None:
    texts = read_texts()
    assert texts.direction == "ltr"
    assert texts.untranslated == ()
    assert texts.pages["consent"].startswith("<h1>")
    assert texts.labels["left"] == "Left"
    assert set(texts.as_json()) == {"language", "direction", "pages", "labels"}


def test_scripts_use_only_texts_that_exist() -> None:
    texts = read_texts()
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))
    uses = [
        r'\blabel\(\s*"([^"]+)"',
        r'\b(?:line|progress|view\.ask)\("([^"]+)"',
        r'(?:ask|askBefore|label): "([^"]+)"',
        r'buttons: \["([^"]+)"',
        r': "(picture-[^"]+)"',
    ]
    labels = {key for use in uses for key in re.findall(use, scripts)}
    pages = set(re.findall(r'\bscreen\("([^"]+)"', scripts))
    assert labels - set(texts.labels) == set()
    assert pages - set(texts.pages) == set()
    assert {"question-jnd-wait", "picture-left", "consent-agree", "declined", "progress-practice"} <= labels
    assert {"ready", "break", "thanks"} <= pages


def test_html_in_a_consent_is_escaped(tmp_path: Path) -> None:
    bad = "<script>x()</script> <img src=x onerror=x()>\n\n<iframe src='//x'></iframe>\n\n[x](javascript:x())"
    html = read_texts(folder=write(tmp_path, consent=bad)).pages["consent"]
    assert "<script" not in html
    assert "<img" not in html
    assert "<iframe" not in html
    assert "&lt;script&gt;" in html
    assert "href" not in html


def test_links_open_beside_the_study_and_pictures_stay_out(tmp_path: Path) -> None:
    html = read_texts(
        folder=write(tmp_path, consent="[data](https://a.example/x) ![p](https://a.example/p.png)")
    ).pages["consent"]
    assert 'target="_blank"' in html
    assert 'rel="noopener noreferrer"' in html
    assert "<img" not in html


def test_own_texts_replace_key_by_key_and_by_language(tmp_path: Path) -> None:
    write(tmp_path, consent="Ours", labels="A remark.\n\n## left\n\nL\n\n## right\nR and\nR\n")
    write(tmp_path / "de", consent="Unsere", labels="## left\nLinks\n")
    english, german = read_texts("en", tmp_path), read_texts("de", tmp_path)
    assert english.pages["consent"] == "<p>Ours</p>\n"
    assert (english.labels["left"], english.labels["right"], english.labels["same"]) == ("L", "R and R", "Same")
    assert german.pages["consent"] == "<p>Unsere</p>\n"
    assert (german.labels["left"], german.labels["right"]) == ("Links", "R and R")
    assert "thanks" in german.untranslated
    assert "same" in german.untranslated
    assert {"left", "right", "consent"}.isdisjoint(german.untranslated)
    assert german.language == "de"


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("he-IL", "rtl"), ("de", "ltr"), ("pt-BR", "ltr")])
def test_direction_follows_from_the_language(tmp_path: Path, language: str, direction: str) -> None:
    assert read_texts(language, write(tmp_path, consent="x")).direction == direction


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"concent": "x"}, r"unknown text .*concent\.md: its key 'concent': did you mean 'consent'\?"),
        ({"labels": "## lef\nx"}, r"unknown label in .*labels\.md: 'lef': did you mean 'left'\?"),
        ({"labels": "## left\nx\n## left\ny"}, r"label 'left' stands twice in .*labels\.md"),
        ({"labels": "## left\n\n## right\nx"}, r"label 'left' in .*labels\.md is empty"),
        ({"consent": "x" * 100_001}, r"consent\.md: larger than 100,000 bytes"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(BappsmithError, match=message):
        read_texts(folder=write(tmp_path, **files))


def test_other_encodings_and_languages_are_refused(tmp_path: Path) -> None:
    (tmp_path / "consent.md").write_bytes("Schön".encode("latin-1"))
    with pytest.raises(BappsmithError, match=r"consent\.md is not UTF-8 \(byte 3\)"):
        read_texts(folder=tmp_path)
    with pytest.raises(BappsmithError, match=r"no text in language 'fr'\. Shipped: en\."):
        read_texts("fr")
    with pytest.raises(BappsmithError, match="is no language tag"):
        read_texts("../en")


def test_docs_list_every_key() -> None:
    docs = (Path(__file__).parents[3] / "docs" / "annotation.md").read_text(encoding="utf-8")
    for path in (SHIPPED / "en").glob("*.md"):
        assert f"`{path.stem}`" in docs or f"`{path.name}`" in docs, path.name


def test_a_text_that_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a" / "consent.md").mkdir(parents=True)
    with pytest.raises(BappsmithError, match=r"consent.md: not a regular file"):
        read_texts("en", tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "consent.md").symlink_to("/dev/zero")
    with pytest.raises(BappsmithError, match=r"consent.md: not a regular file"):
        read_texts("en", tmp_path / "b")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "consent.md").symlink_to(tmp_path / "none")
    with pytest.raises(BappsmithError, match=r"consent.md: cannot be opened"):
        read_texts("en", tmp_path / "c")


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_text_that_is_a_pipe_does_not_wait_for_ever(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "labels.md")
    with pytest.raises(BappsmithError, match=r"labels.md: not a regular file"):
        read_texts("en", tmp_path)
