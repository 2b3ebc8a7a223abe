"""The secret of a study: signed tokens, and hashes of people's identities."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Callable
from pathlib import Path

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.store.atomic import atomic_write, remove_partials
from bappsmith.manifests.store.durable import sync_file

from .errors import ForgedError

SECRET = "secret"
"""Name of the file in the folder of a study."""
_LONGEST_TOKEN = 4096


class Secret:
    """Signs tokens and hashes identities with 32 random bytes, which only the study's own machine knows.

    Args:
        key: 32 bytes.
        clock: returns the time, unix s.
    """

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock

    def token(self, kind: str, value: str, until: float | None = None) -> str:
        """Sign a value. Whoever holds the token can read the value, but not change it.

        Args:
            kind: what the token is for, such as "session" or "link". It is no good for anything else.
            value: any text.
            until: when it ends, unix s; None: never.

        Returns:
            base64url(payload).base64url(HMAC-SHA256): letters, digits, "-", "_" and one dot.
        """
        payload = json.dumps([kind, value, until], separators=(",", ":")).encode()
        return f"{_encode(payload)}.{_encode(self._hash(b'token', payload))}"

    def value(self, kind: str, token: str) -> str:
        """Return the value that a token of `token` holds.

        Raises:
            ForgedError: the token is forged, incomplete, of another kind, or too old.
        """
        refused = ForgedError(f"this {kind} token is not valid; ask for a new link")
        if len(token) > _LONGEST_TOKEN or re.fullmatch(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", token) is None:
            raise refused
        body, _, mark = token.partition(".")
        try:
            payload = _decode(body)
            # The text itself is compared: several texts decode to the same bytes.
            if not hmac.compare_digest(_encode(self._hash(b"token", payload)), mark) or _encode(payload) != body:
                raise refused
            found_kind, value, until = json.loads(payload)
        except ValueError:
            raise refused from None
        if found_kind != kind:
            raise refused
        if until is not None and self._clock() > until:
            raise ForgedError(f"this {kind} token is too old; ask for a new link")
        return value

    def person(self, platform: str, identity: str) -> str:
        """Hash an identity: 32 hex digits, the same for the same person in this study, and in no other study."""
        return self._hash(b"person", json.dumps([platform, identity]).encode()).hex()[:32]

    def code(self, session: str) -> str:
        """Return the completion code of a session: ten letters and digits."""
        return base64.b32encode(self._hash(b"code", session.encode())).decode()[:10]

    def name(self, kind: str, parts: list[str]) -> str:
        """Return an id that always belongs to the same parts: 22 characters, such as for an imported answer."""
        return _encode(self._hash(kind.encode(), json.dumps(parts).encode()))[:22]

    def key(self, purpose: str) -> bytes:
        """Return a key for another purpose, 32 bytes, such as for numbers in place of people."""
        return self._hash(b"key", purpose.encode())

    @property
    def mark(self) -> str:
        """Text by which a study knows its secret again, 32 hex digits. It tells nothing of the secret."""
        return self.key("mark").hex()[:32]

    def draw_key(self, seed: int) -> int:
        """Return the key of random draws for a seed. Nobody can repeat the draws from the seed alone."""
        return int.from_bytes(self._hash(b"draws", str(seed).encode())[:8], "big")

    def _hash(self, purpose: bytes, data: bytes) -> bytes:
        return hmac.digest(self._key, purpose + b"\0" + data, hashlib.sha256)


def make_secret(folder: Path) -> None:
    """Write a new secret, readable for its owner alone; complete or not at all. An existing one is kept."""
    path = folder / SECRET
    remove_partials(path)
    if path.exists():
        return
    with atomic_write(path) as partial:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(32) + "\n")
        sync_file(partial)
    sync_file(path)


def read_secret(folder: Path, clock: Callable[[], float] = time.time) -> Secret:
    """Read the secret of a study.

    Raises:
        BappsmithError: it is missing, damaged, or readable for others.
    """
    path = folder / SECRET
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise BappsmithError(
            f"{path} cannot be read ({error.strerror}); restore it from a copy of the study"
        ) from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise BappsmithError(f"{path} can be read by others; run `chmod 600 {path}`, or make a new study if they did")
    if re.fullmatch("[0-9a-f]{64}", text) is None:
        raise BappsmithError(f"{path} is damaged (expected 64 hex digits); restore it from a copy of the study")
    return Secret(bytes.fromhex(text), clock)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
