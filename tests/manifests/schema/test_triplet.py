"""Plans, rows and judgments survive a table."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bappsmith.manifests.schema.call import Chain, OperatorCall
from bappsmith.manifests.schema.row import ItemOrigin, Row
from bappsmith.manifests.schema.subset_path import SubsetPath
from bappsmith.manifests.schema.triplet import Crop, TripletRecord

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
CALLS = st.builds(OperatorCall, TEXT, st.floats(0, 1), st.dictionaries(TEXT, NUMBERS, max_size=3))
CHAINS = st.builds(Chain, st.lists(CALLS, max_size=2).map(tuple))
CROPS = st.lists(st.builds(Crop, *[st.integers(0, 5000)] * 3), min_size=1, max_size=4).map(tuple)


def record(crops: tuple[Crop, ...], chain0: Chain, chain1: Chain) -> TripletRecord:
    return TripletRecord("2afc/train/a", 3, "é.png", "ab" * 32, crops, 64, 6.0, chain0, chain1)


@given(crops=CROPS, chain0=CHAINS, chain1=CHAINS)
def test_a_plan_comes_back_from_its_row(crops: tuple[Crop, ...], chain0: Chain, chain1: Chain):
    one = record(crops, chain0, chain1)
    row = one.to_row()
    assert TripletRecord.from_row(one.subset, row) == one
    assert row["operators1"] == "+".join(call.name for call in chain1.calls)
    assert row["severity0"] == sum(call.severity for call in chain0.calls)


def columns(**change: Any) -> dict[str, Any]:
    """A row of a manifest, as the table gives it."""
    plan = record((Crop(0, 1, 64), Crop(5, 6, 80)), Chain(), Chain((OperatorCall("jpeg", 0.5, {"quality": 9}),)))
    images = ("ref", "p0", "p1")
    files = {f"file_{folder}": bytes([k]) * 32 for k, folder in enumerate(images)}
    sizes = {f"size_{folder}": 100 + k for k, folder in enumerate(images)}
    pixels = {f"pixels_{folder}": bytes([9 - k]) * 32 for k, folder in enumerate(images)}
    return {**plan.to_row(), "crop": 1, "origin": None, **files, **sizes, **pixels, **change}


def test_a_row_is_typed():
    path = SubsetPath.parse("2afc/train/a")
    row = Row.from_columns(path, columns())
    assert (row.index, row.crop, row.origin) == (3, Crop(5, 6, 80), None)
    assert row.size == {"ref": 100, "p0": 101, "p1": 102}
    assert row.sha256["p1"] == b"\2" * 32
    assert row.pixels_sha256["ref"] == b"\x09" * 32
    assert row.plan.chain1.calls[0].params == {"quality": 9}


def test_a_row_of_packed_images_has_no_files_and_one_that_was_derived_an_origin():
    path, origin = SubsetPath.parse("2afc/train/a"), ItemOrigin("f" * 64, "2afc/val/b", 7)
    none = {f"{what}_{folder}": None for what in ("file", "size") for folder in ("ref", "p0", "p1")}
    row = Row.from_columns(path, columns(**none, origin=origin.to_json()))
    assert (row.sha256, row.size, row.origin) == ({}, {}, origin)


def test_a_chain_adds_up():
    chain = Chain((OperatorCall("a", 0.25, {}), OperatorCall("b", 0.5, {})))
    assert (chain.names, chain.severity) == (("a", "b"), 0.75)
    assert (Chain().names, Chain().severity) == ((), 0)
