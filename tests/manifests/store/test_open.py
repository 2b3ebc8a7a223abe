"""A folder or an address."""

from __future__ import annotations

from pathlib import Path

import pytest

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.local import LocalStore
from bappsmith.manifests.store.open import is_address, open_store
from bappsmith.manifests.store.remote import RemoteStore


def test_an_address_has_a_protocol(tmp_path: Path):
    assert isinstance(open_store(tmp_path), LocalStore)
    assert isinstance(open_store("data"), LocalStore)
    assert isinstance(open_store("memory://data"), RemoteStore)
    assert [is_address(text) for text in ("s3://b/x", "C:/x", "a:b", Path("s3://b"), "/x")] == [True, *[False] * 4]


def test_an_unknown_protocol_is_named():
    with pytest.raises(BappsmithError, match="nosuch://x: "):
        open_store("nosuch://x")
