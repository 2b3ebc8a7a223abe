"""Write a report as one HTML page that needs no other file."""

from __future__ import annotations

import base64
import html

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


def html_page(title: str, body: str) -> str:
    """Build a whole page.

    Args:
        title: plain text; it is escaped.
        body: HTML below the heading.

    Returns:
        HTML text.
    """
    name = html.escape(title)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title><style>{_STYLE}</style>'
        f"<h1>{name}</h1>{body}</html>\n"
    )


def png_address(png: bytes) -> str:
    """Encode the content of a PNG file as an address for `<img src="…">`."""
    return "data:image/png;base64," + base64.b64encode(png).decode()
