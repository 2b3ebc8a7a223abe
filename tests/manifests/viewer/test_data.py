"""The data of the viewer: columns of all subsets, with text that is no markup."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from bappsmith.manifests.viewer.data import viewer_data

from .conftest import FAMILIES, HOSTILE, make_items

TYPES = {"i16": "<i2", "u32": "<u4", "f32": "<f4"}


def numbers(column: dict[str, str]) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(column["data"]), TYPES[column["type"]])


def test_columns_hold_all_subsets_one_after_the_other():
    parts = [make_items(40), make_items(30, "jnd", subset="jnd/val/other")]
    text = viewer_data(parts, FAMILIES, [HOSTILE], None, "order")
    assert "<" not in text
    data = json.loads(text)
    assert data["notes"] == [HOSTILE]
    assert [(s["name"], s["start"], s["count"], s["atlas"], s["total"]) for s in data["subsets"]] == [
        ("2afc/val/some", 0, 40, 0, 80),
        ("jnd/val/other", 40, 30, 1, 60),
    ]
    assert data["operators"][1:] == [
        {"name": "gaussian_blur", "family": "blur"},
        {"name": "jpeg", "family": "compression"},
    ]
    ends = numbers(data["ends"])
    assert len(ends) == 2 * 70
    assert ends[0] == 0  # the first p0 is as the reference
    assert ends[1] == 1
    assert ends[-1] == len(numbers(data["calls"])) == len(data["details"]) == 70
    assert data["details"][1].startswith('sigma 0.3333, note "</script>')
    people, rule = data["labellings"]
    assert (people["name"], rule["name"]) == ("people", "rule")
    np.testing.assert_allclose(numbers(people["shares"])[:40], np.linspace(0, 1, 40), rtol=1e-6)
    assert data["dropped"] == {"0": HOSTILE, "40": HOSTILE}
    assert [data["photos"][k] for k in numbers(data["photo"])] == [HOSTILE] * 70


def test_what_a_subset_lacks_is_unknown():
    plain = make_items(40)
    bare = make_items(10, subset="2afc/val/bare")
    bare = type(bare)(bare.subset, bare.kind, bare.total, bare.side, bare.stems, bare.pictures)
    data = json.loads(viewer_data([plain, bare], {}, (), "pictures", "mistake"))
    assert np.isnan(numbers(data["labellings"][0]["shares"])[40:]).all()
    assert np.isnan(numbers(data["metrics"][0]["d1"])[40:]).all()
    assert numbers(data["ends"])[-20:].tolist() == [40] * 20
    assert [subset["origin"] for subset in data["subsets"]] == [True, False]
    assert data["photos"][numbers(data["photo"])[-1]] == ""
