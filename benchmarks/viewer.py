"""Measure the viewer in a browser: time to the first picture, time to filter, to sort, and to scroll.

    python benchmarks/viewer.py [--items 20000] [--out viewer-benchmark]

It needs playwright and Chromium. Items are patches of the photographs inside scikit-image, distorted by two operators.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Page, sync_playwright

from bappsmith.distortions import operators
from bappsmith.distortions.distort import distort
from bappsmith.distortions.patches import natural_patches
from bappsmith.manifests.schema.call import Chain, OperatorCall
from bappsmith.manifests.schema.labelling import Labelling
from bappsmith.manifests.viewer.items import ViewerItems
from bappsmith.manifests.viewer.page import PICTURES, write_viewer

NAMES = ("gaussian_blur", "gaussian_white_noise", "jpeg", "lightness_shift", "shift", "saturation")
SETTLED = """() => new Promise((done) => {
  const drawn = () => {
    const pictures = [...document.querySelectorAll(".card:not([hidden]) .patch:not([hidden]) canvas")];
    if (pictures.every((canvas) => "drawn" in canvas.dataset)) done(performance.now());
    else requestAnimationFrame(drawn);
  };
  requestAnimationFrame(() => requestAnimationFrame(drawn));
})"""
"""Waits until all visible pictures are drawn."""


def make_items(count: int) -> ViewerItems:
    """Make items from 300 different triplets, with 6 operators and judgments at random."""
    random = np.random.default_rng(0)
    triplets, chains = [], []
    for patch in natural_patches(300, 64):
        names = random.choice(NAMES, 2)
        severities = random.random(2).round(3)
        sides = [
            distort(patch, str(name), severity=float(s), seed=1) for name, s in zip(names, severities, strict=True)
        ]
        triplets.append((patch, *sides))
        calls = [Chain((OperatorCall(str(n), float(s), {}),)) for n, s in zip(names, severities, strict=True)]
        chains.append((calls[0], calls[1]))
    order = random.integers(0, len(triplets), count)
    shares = [random.random(count) for _ in range(2)]
    labellings = [
        Labelling(name, values, np.full(count, 5, np.int32), ("",) * count)
        for name, values in zip("ab", shares, strict=True)
    ]
    return ViewerItems(
        subset="2afc/train/benchmark",
        kind="2afc",
        total=count,
        side=64,
        stems=[f"{index:06d}" for index in range(count)],
        pictures=lambda: (triplets[k] for k in order),
        photos=[f"{k % 12}.jpg" for k in order],
        chains=[chains[k] for k in order],
        labellings=labellings,
        distances={"metric": (random.random(count).astype(np.float32), random.random(count).astype(np.float32))},
        replay="bappsmith replay data 2afc/train/benchmark",
    )


def change(element: str, value: str, kind: str = "change") -> str:
    """Return a script that sets the value of an element, as a person would."""
    event = f"new Event('{kind}', {{bubbles: true}})"
    return f"const e = {element}; e.value = {value}; e.dispatchEvent({event})"


def measured(page: Page, action: str) -> tuple[float, float]:
    """Run an action: milliseconds of script and layout, and until all pictures are drawn."""
    timed = f"const t = performance.now(); {action}; document.body.offsetHeight; return [t, performance.now() - t]"
    began, script = page.evaluate(f"() => {{ {timed} }}")
    return script, page.evaluate(SETTLED) - began


GRID = "document.querySelector('.grid')"
ACTIONS = {
    "filter by an operator": "document.querySelector('.operators label:not(.family) input').click()",
    "filter by judgment": change("document.querySelector('.range input')", "10", "input"),
    "clear all filters": "document.querySelector('.title button').click()",
    "sort by disagreement": change("document.querySelector('.bar select')", "'disagreement'"),
    "compare with another": change(
        "[...document.querySelectorAll('.panel select')].at(-1)", "(Number(e.value) + 1) % 3"
    ),
    "scroll to the middle": f"{GRID}.scrollTop = {GRID}.scrollHeight / 2",
    "scroll by a page": f"{GRID}.scrollBy(0, 800)",
    "flip all to p1": "document.querySelector('.bar .segments [value=p1]').click()",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--out", type=Path, default=Path("viewer-benchmark"))
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    options.out.mkdir(exist_ok=True)
    items = make_items(options.items)
    began = time.perf_counter()
    families = {name: operator.family for name, operator in operators().items()}
    write_viewer(options.out / "index.html", "Benchmark", [items], families=families)
    seconds = time.perf_counter() - began
    size = sum(path.stat().st_size for path in options.out.glob(f"{PICTURES}/*"))
    page_size = (options.out / "index.html").stat().st_size
    print(f"{options.items:,} items: written in {seconds:.0f} s")
    print(f"page {page_size / 1e6:.1f} MB, pictures beside it {size / 1e6:.0f} MB")
    with sync_playwright() as playwright:
        executable = os.environ.get("BAPPSMITH_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        first, ready = [], []
        for _ in range(options.repeats):
            page = browser.new_page(viewport={"width": 1360, "height": 860})
            page.goto(f"file://{(options.out / 'index.html').resolve()}", wait_until="commit")
            page.wait_for_selector(".card canvas[data-drawn]")
            first.append(page.evaluate("performance.getEntriesByName('bappsmith-first-picture')[0].startTime"))
            ready.append(page.evaluate(SETTLED))
        both = f"{np.median(first):.0f} ms, all visible ones {np.median(ready):.0f} ms"
        print(f"first picture {both} (median of {options.repeats})")
        page.wait_for_load_state()
        for what, action in ACTIONS.items():
            both = np.median([measured(page, action) for _ in range(options.repeats)], axis=0)
            print(f"{what}: {both[0]:.0f} ms, pictures drawn after {both[1]:.0f} ms")
        nodes = page.evaluate("document.querySelectorAll('*').length")
        print(f"elements in the page: {nodes:,}")
        browser.close()


if __name__ == "__main__":
    main()
