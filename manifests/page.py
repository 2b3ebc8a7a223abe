"""Write a report as one HTML page that needs no other file."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Sequence

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff }
body { margin: 2rem auto; max-width: 1280px; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .25rem .9rem; text-align: right; border-bottom: 1px solid #ddd }
th:first-child, td:first-child, .words { text-align: left } .note { color: #666 } img { max-width: 100% }
figure { display: inline-block; margin: .4rem 1rem .8rem 0 }
figure img { image-rendering: pixelated; margin-right: 4px }
figcaption { font-size: 12px; color: #444 }
"""


def html_page(title: str, body: str, *, style: str = "", script: str = "") -> str:
    """Build a whole page. Its content security policy forbids all scripts but `script`, and all addresses.

    Args:
        title: plain text; it is escaped.
        body: HTML below the heading.
        style: style sheet beside the page's own.
        script: runs at the end of the page.

    Returns:
        HTML text.
    """
    name = html.escape(title)
    sheets = [_STYLE + style]
    end = f"<script>{script}</script>" if script else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">{content_policy(sheets, [script] if script else [])}'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{name}</title>'
        f"<style>{sheets[0]}</style><h1>{name}</h1>{body}{end}</html>\n"
    )


def content_policy(styles: Sequence[str], scripts: Sequence[str], pictures: str = "data:") -> str:
    """Build the `<meta>` of a content security policy: these styles, scripts and pictures only.

    Args:
        styles: text of the `<style>` elements.
        scripts: text of the `<script>` elements that run.
        pictures: where pictures may come from, in the words of the policy.
    """

    def allowed(texts: Sequence[str]) -> str:
        hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
        return " ".join(f"'sha256-{value}'" for value in hashes) or "'none'"

    policy = (
        f"default-src 'none'; img-src {pictures}; style-src {allowed(styles)}; script-src {allowed(scripts)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{policy}">'


def png_address(png: bytes) -> str:
    """Encode the content of a PNG file as an address for `<img src="…">`."""
    return "data:image/png;base64," + base64.b64encode(png).decode()
