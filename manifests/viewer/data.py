"""Turn items into the block of JSON that the viewer reads: columns, numbers as base64."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bappsmith.manifests.plain_text import printable
from bappsmith.manifests.schema.call import OperatorCall
from bappsmith.manifests.schema.subset_path import IMAGE_FOLDERS

from .atlas import items_per_atlas
from .items import ViewerItems

_TYPES = {"i16": "<i2", "u32": "<u4", "f32": "<f4"}


def viewer_data(
    parts: Sequence[ViewerItems], families: Mapping[str, str], notes: Sequence[str], folder: str | None, sort: str
) -> str:
    """Return JSON text that may stand inside an HTML element.

    Args:
        parts: the items, subset by subset.
        families: operator → family. Operators without an entry have the family "other".
        notes: facts for the reader.
        folder: where the atlases are, relative to the page; None: in blocks of the page.
        sort: what items are sorted by when the page opens: "order" or "mistake".
    """
    calls = [call for part in parts for pair in part.chains for side in pair for call in side.calls]
    names = sorted({call.name for call in calls})
    operator = {name: number for number, name in enumerate(names)}
    photos = sorted({photo for part in parts for photo in part.photos})
    photo = {name: number for number, name in enumerate(photos)}
    lengths = [
        length
        for part in parts
        for length in ([len(side.calls) for pair in part.chains for side in pair] or [0] * (2 * len(part)))
    ]
    data: dict[str, Any] = {
        "folder": folder,
        "sort": sort,
        "notes": [printable(note) for note in notes],
        "subsets": _subsets(parts),
        "operators": [{"name": printable(name), "family": families.get(name, "other")} for name in names],
        "stems": [stem for part in parts for stem in part.stems],
        "photos": ["", *map(printable, photos)],
        "photo": _numbers(
            "u32", chain.from_iterable([1 + photo[name] for name in part.photos] or [0] * len(part) for part in parts)
        ),
        "calls": _numbers("i16", (operator[call.name] for call in calls)),
        "severities": _numbers("f32", (call.severity for call in calls)),
        "details": [_parameters(call) for call in calls],
        "ends": _numbers("u32", accumulate(lengths)),
        **_judgments(parts),
    }
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def _subsets(parts: Sequence[ViewerItems]) -> list[dict[str, Any]]:
    subsets: list[dict[str, Any]] = []
    start = atlas = 0
    for part in parts:
        per = items_per_atlas(len(IMAGE_FOLDERS[part.kind]), part.side)
        subsets.append(
            {
                "name": part.subset, "kind": part.kind, "total": part.total, "side": part.side, "start": start,
                "count": len(part), "atlas": atlas, "per": per, "origin": bool(part.chains), "replay": part.replay,
            }
        )  # fmt: skip
        start, atlas = start + len(part), atlas + -(-len(part) // per)
    return subsets


def _judgments(parts: Sequence[ViewerItems]) -> dict[str, Any]:
    """Return labellings, metrics, and why items were dropped. What a subset lacks is NaN."""
    labellings = list(dict.fromkeys(labelling.name for part in parts for labelling in part.labellings))
    metrics = list(dict.fromkeys(name for part in parts for name in part.distances))
    by_name = [{labelling.name: labelling for labelling in part.labellings} for part in parts]
    rows: list[dict[str, Any]] = []
    dropped: dict[int, str] = {}
    for name in labellings:
        shares = [
            known[name].shares if name in known else _unknown(part) for part, known in zip(parts, by_name, strict=True)
        ]
        votes = [
            known[name].votes if name in known else np.zeros(len(part))
            for part, known in zip(parts, by_name, strict=True)
        ]
        rows.append({"name": name, "shares": _joined("f32", shares), "votes": _joined("u32", votes)})
    start = 0
    for part in parts:
        reasons = (part.labellings[0].dropped if part.labellings else None) or ()
        dropped |= {start + k: printable(reason, 200) for k, reason in enumerate(reasons) if reason}
        start += len(part)
    distances: list[dict[str, Any]] = []
    for name in metrics:
        columns = [part.distances.get(name) or (_unknown(part),) for part in parts]
        first = [pair[0] if len(pair) == 2 else _unknown(part) for pair, part in zip(columns, parts, strict=True)]
        distances.append(
            {"name": printable(name), "d0": _joined("f32", first), "d1": _joined("f32", [pair[-1] for pair in columns])}
        )
    return {"labellings": rows, "metrics": distances, "dropped": dropped}


def _unknown(part: ViewerItems) -> NDArray[np.float64]:
    return np.full(len(part), np.nan)


def _joined(kind: str, columns: Sequence[NDArray[Any]]) -> dict[str, str]:
    values: NDArray[Any] = np.concatenate(columns)
    return _numbers(kind, values)


def _numbers(kind: str, values: Iterable[float]) -> dict[str, str]:
    array: NDArray[Any] = np.fromiter(values, np.float64)
    return {"type": kind, "data": base64.b64encode(array.astype(_TYPES[kind]).tobytes()).decode()}


def _parameters(call: OperatorCall) -> str:
    """Return drawn parameters as text, such as "sigma 1.2, angle 30"; long values are cut."""
    texts = (f"{value:.4g}" if isinstance(value, float) else json.dumps(value) for value in call.params.values())
    return printable(", ".join(f"{name} {text[:80]}" for name, text in zip(call.params, texts, strict=True)), 400)
