"""The documentation site: complete, closed in itself, and readable on a phone."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import typer
import yaml
from playwright.sync_api import Browser

import bappsmith
from bappsmith.cli.main import app
from bappsmith.distortions.registry import operators

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


class Elements(HTMLParser):
    """Collects tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Elements]:
    """Path of a page → its elements."""
    return {
        file.relative_to(site).as_posix(): Elements(file.read_text(encoding="utf-8"))
        for file in sorted(site.rglob("*.html"))
    }


def test_nothing_is_loaded_from_elsewhere(pages: dict[str, Elements]):
    assert len(pages) > 150
    for path, page in pages.items():
        for tag, attributes in page.found:
            loaded = [attributes.get("src")] + ([attributes.get("href")] if tag == "link" else [])
            assert not [url for url in loaded if url and re.match(r"(https?:)?//", url)], (path, tag, attributes)


def test_every_picture_has_words(pages: dict[str, Elements]):
    for path, page in pages.items():
        assert not [attributes for tag, attributes in page.found if tag == "img" and not attributes.get("alt")], path


def test_files_that_pages_link_to_exist(site: Path, pages: dict[str, Elements]):
    for path, page in pages.items():
        for tag, attributes in page.found:
            url = attributes.get("href" if tag in ("a", "link") else "src")
            target = (url or "").partition("#")[0].partition("?")[0]
            if target and not re.match(r"[a-z]+:|/", target):
                assert (site / path).parent.joinpath(target).exists(), (path, url)


def test_every_command_has_a_section(pages: dict[str, Elements]):
    def names(command: object, name: str) -> Iterator[str]:
        yield name
        for inner, subcommand in getattr(command, "commands", {}).items():
            yield from names(subcommand, f"{name}-{inner}")

    for name in names(typer.main.get_command(app), "bappsmith"):
        if name != "bappsmith":
            page = pages[f"reference/commands/{name.split('-')[1]}.html"] if name.count("-") == 1 else None
            headings = [
                attributes.get("id")
                for elements in ([page] if page else pages.values())
                for tag, attributes in elements.found
                if tag in ("h1", "h2", "h3")
            ]
            assert name in headings, name


def test_every_operator_and_every_public_name_is_documented(site: Path, pages: dict[str, Elements]):
    for name, operator in operators().items():
        if type(operator).__module__.startswith("bappsmith."):
            assert f"catalogue/operators/{name}.html" in pages
    ids = {attributes.get("id") for _, attributes in pages["reference/python.html"].found}
    assert {f"bappsmith.{name}" for name in bappsmith.__all__ if not name.startswith("__")} <= ids


def test_home_answers_what_newcomers_ask(pages: dict[str, Elements]):
    links = {attributes.get("href") for tag, attributes in pages["index.html"].found if tag == "a"}
    assert {
        "equivalents.html#by-where-a-picture-comes-from",
        "annotation.html#serve",
        "judges.html#can-i-trust-the-labels",
        "scale.html#ten-million-triplets",
        "datasets.html#load-it",
    } <= links


def test_names_of_operators_lead_to_their_pages(pages: dict[str, Elements]):
    links = [attributes.get("href") for tag, attributes in pages["equivalents.html"].found if tag == "a"]
    assert links.count("catalogue/operators/jpeg.html") > 1  # once could be the navigation


def test_mistakes_fail_the_build(tmp_path: Path):
    configured = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert configured["strict"]
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# A\n\n[gone](gone.md) [nowhere](#nowhere)\n")
    (tmp_path / "docs/left-out.md").write_text("# B\n")
    config = {key: configured[key] for key in ("site_name", "strict", "validation")}
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump({**config, "nav": ["index.md"]}))
    command = [sys.executable, "-m", "mkdocs", "build"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    for mistake in ("left-out.md", "gone.md", "#nowhere", "3 warnings"):
        assert mistake in done.stdout + done.stderr, mistake


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Address of a server of the site."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_no_page_is_wider_than_a_phone(browser: Browser, address: str, pages: dict[str, Elements]):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    # Every page makes the index of the search anew. On a busy machine, Chromium once did not go on after dozens.
    page.route("**/search_index.json", lambda route: route.abort())
    wide = {}
    for path in pages:
        if not path.startswith("catalogue/operators/") or path.endswith(("/jpeg.html", "/sensor_pipeline.html")):
            page.goto(f"{address}/{path}")
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 390:
                wide[path] = width
    page.close()
    assert wide == {}


def test_search_finds_an_operator(browser: Browser, address: str):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{address}/index.html")
    page.locator("input.md-search__input").click()
    page.keyboard.type("scratches and dust")
    page.locator(".md-search-result__link[href*='scratches_and_dust']").first.wait_for()
    page.close()
