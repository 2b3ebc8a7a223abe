import json
import os
import stat

import pytest

from bappsmith.annotation.study.errors import ForgedError
from bappsmith.annotation.study.secrets import SECRET, Secret, make_secret, read_secret
from bappsmith.manifests.errors import BappsmithError


@pytest.fixture
def secret(tmp_path, clock):
    make_secret(tmp_path)
    return read_secret(tmp_path, clock)


def test_a_token_holds_its_value(secret):
    token = secret.token("link", "Ünïcode, \n and 'quotes'")
    assert secret.value("link", token) == "Ünïcode, \n and 'quotes'"
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_whatever_is_changed_is_refused(secret, tmp_path):
    token = secret.token("link", "a", 2e9)
    changed = [token[:k] for k in range(len(token))]
    changed += [token[:k] + ("A" if token[k] != "A" else "B") + token[k + 1 :] for k in range(len(token))]
    changed += [token + "A", token + ".", f"{token}=", "." + token, token.replace(".", ""), "a.b", "..", "\ud800.é"]
    changed += ["A" * 10_000_000, f"{token}\n", f" {token}"]
    for other in changed:
        with pytest.raises(ForgedError, match="this link token is not valid"):
            secret.value("link", other)
    with pytest.raises(ForgedError, match="this session token is not valid"):
        secret.value("session", token)
    (tmp_path / "other").mkdir()
    make_secret(tmp_path / "other")
    with pytest.raises(ForgedError):
        read_secret(tmp_path / "other").value("link", token)


def test_a_token_ends(secret, clock):
    token = secret.token("session", "a", until=clock.now + 10)
    assert secret.value("session", token) == "a"
    clock.now += 11
    with pytest.raises(ForgedError, match="too old"):
        secret.value("session", token)


def test_people_are_hashes_that_no_other_study_shares(secret, tmp_path):
    person = secret.person("link", "anna")
    assert len(person) == 32
    assert person == secret.person("link", "anna")
    assert person not in (
        secret.person("mturk", "anna"),
        secret.person("link", "anna "),
        Secret(b"0").person("link", "anna"),
    )
    # No two pairs meet by where the parts are joined.
    assert secret.person("a", "b:c") != secret.person("a:b", "c")


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_the_secret_is_for_its_owner_alone(tmp_path):
    make_secret(tmp_path)
    path = tmp_path / SECRET
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    make_secret(tmp_path)
    assert path.read_bytes() == before
    path.chmod(0o644)
    with pytest.raises(BappsmithError, match="can be read by others; run `chmod 600"):
        read_secret(tmp_path)


def test_a_damaged_secret_is_refused(tmp_path):
    with pytest.raises(BappsmithError, match="cannot be read"):
        read_secret(tmp_path)
    make_secret(tmp_path)
    (tmp_path / SECRET).write_bytes(b"\xff" * 64)
    with pytest.raises(BappsmithError, match="damaged"):
        read_secret(tmp_path)


def test_a_token_can_be_read_but_not_made(secret):
    import base64

    body = secret.token("link", "a").split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(body + "==")) == ["link", "a", None]
