"""Bodies: bounded while they arrive."""

import asyncio
import json

import pytest
from starlette.requests import Request

from bappsmith.annotation.server.forms import AnswersForm, OpenForm
from bappsmith.annotation.server.limits import read_json
from bappsmith.annotation.server.replies import RefusedError


def request(chunks, headers=None, wait=0.0):
    """A request whose body arrives in chunks; it counts those that were asked for."""
    left, taken = list(chunks), []

    async def receive():
        await asyncio.sleep(wait)
        if not left:
            return {"type": "http.disconnect"}
        taken.append(left.pop(0))
        return {"type": "http.request", "body": taken[-1], "more_body": bool(left)}

    sent = {"content-type": "application/json"} | (headers or {})
    raw = [(name.encode(), value.encode()) for name, value in sent.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw, "query_string": b""}, receive), taken


def read(chunks, form=OpenForm, headers=None, wait=0.0, seconds=5.0):
    made, taken = request(chunks, headers, wait)
    try:
        return asyncio.run(read_json(made, form, largest=1000, seconds=seconds)), taken
    except RefusedError as refused:
        return refused, taken


def test_a_body_in_parts():
    form, _ = read([b'{"answers": [{"id": "', b"A" * 22, b'", "choice": "left"}]}'], AnswersForm)
    assert form.answers[0].choice == "left"


def test_reading_stops_at_the_first_byte_too_many():
    refused, taken = read([b" " * 400] * 1000)
    assert refused.status == 413
    assert len(taken) == 3


def test_a_declared_length_is_enough_to_refuse():
    for length in ("10485760", "9" * 400):
        refused, taken = read([b" "] * 3, headers={"content-length": length})
        assert refused.status == 413
        assert taken == []


@pytest.mark.parametrize("length", ["-1", "x", "1_0", "+3", ""])
def test_a_length_that_is_no_number(length):
    assert read([b"{}"], headers={"content-length": length})[0].status == 400


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/jsonp"]
)
def test_other_types_than_json(kind):
    refused, taken = read([b"{}"], headers={"content-type": kind})
    assert refused.status == 415
    assert taken == []


def test_json_with_a_charset():
    assert read([b"{}"], headers={"content-type": "application/json; charset=utf-8"})[0] == OpenForm()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b'{"a": 1}',
        b"[" * 900,
        b'{"answers": 1e999}',
        json.dumps({"x" * 400: "<b>"}).encode(),
    ],
)
def test_malformed_bodies_are_refused_in_one_line_that_repeats_nothing(body):
    refused, _ = read([body])
    assert refused.status == 400
    assert "\n" not in refused.message
    assert len(refused.message) <= 300
    assert "<b>" not in refused.message
    assert "xxx" not in refused.message


def test_a_body_that_comes_too_slowly():
    refused, _ = read([b" "] * 100, wait=0.02, seconds=0.1)
    assert refused.status == 408


def test_a_body_that_breaks_off():
    made, _ = request([])
    with pytest.raises(RefusedError, match="broke off"):
        asyncio.run(read_json(made, OpenForm, largest=10, seconds=5))
