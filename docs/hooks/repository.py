"""Show pages of the repository that are not in docs/, and make links between them and docs/ work on the site.

Links are relative to the file in the repository, so that they work on a forge too.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_ROOT = Path(__file__).resolve().parents[2]
_EXPERIMENTS = sorted((_ROOT / "experiments").glob("*/README.md"))
_PAGES = {
    "README.md": "readme.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "annotation/pages/texts/en/labels.md": "labels.md",
    "benchmarks/README.md": "benchmarks.md",
    "experiments/README.md": "experiments.md",
    **{f"experiments/{file.parent.name}/README.md": f"experiments/{file.parent.name}.md" for file in _EXPERIMENTS},
}
"""File in the repository → page of the site; those that exist are shown."""
_LINK = re.compile(r"(!?\[([^]]*)\]\()([^)\s#]+)((?:#[^)\s]*)?\))")
_FENCE = re.compile(r"(^```.*?^```[^\n]*$)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the repository."""
    for source, page in _PAGES.items():
        if (_ROOT / source).is_file():
            files.append(File.generated(config, page, content=(_ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make links of a page that lead out of its folder lead to pages of the site. Links to code become plain words.

    Raises:
        PluginError: a link leads to a file that does not exist, or to a page that the site does not show.
    """
    shown = page.file.src_uri
    sources = {target: source for source, target in _PAGES.items()}
    source = sources.get(shown, f"docs/{shown}")

    def on_site(link: re.Match[str]) -> str:
        before, words, target, after = link.groups()
        if re.match(r"[a-z]+:", target):
            return link[0]
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if file in _PAGES:
            goal = _PAGES[file]
        elif file.startswith("docs/"):
            goal = file.removeprefix("docs/")
        elif file.endswith(".py") and (_ROOT / file).is_file():
            return words
        else:
            raise PluginError(f"{source} links to {target}, which the site does not show; name it in {__file__}")
        return before + posixpath.relpath(goal, posixpath.dirname(shown) or ".") + after

    parts = _FENCE.split(markdown)
    parts[::2] = [_LINK.sub(on_site, part) for part in parts[::2]]
    return "".join(parts)
