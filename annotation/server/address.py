"""The address of the server, and the checks that a request was meant for it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_loopback(host: str) -> bool:
    """Return whether a host name or IP address, without port, is this machine itself.

    Examples:
        >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
        (True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_host(name: str) -> bool:
    """Return whether a text is an IP address, or a name as browsers send it: ASCII letters, digits, hyphens, dots."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", name) is not None
    return True


@dataclass(frozen=True)
class PublicAddress:
    """Where people reach the server, such as https://study.example.org.

    Attributes:
        scheme: "http" or "https".
        host: name or IP address, lower case, without brackets.
        port: the port, also where it is the scheme's default.
    """

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> PublicAddress:
        """Read an address.

        Raises:
            BappsmithError: it is no http or https address, or has more than host and port.
        """
        allowed = "give scheme, host and perhaps a port, such as https://study.example.org"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BappsmithError(f"public URL '{printable(url, 200)}' is invalid: {allowed}") from None
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or not _is_host(parts.hostname):
            raise BappsmithError(f"public URL '{printable(url, 200)}' is invalid: {allowed}")
        if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
            raise BappsmithError(f"public URL '{printable(url, 200)}' has more than scheme, host and port: {allowed}")
        return cls(parts.scheme, parts.hostname, _DEFAULT_PORTS[parts.scheme] if port is None else port)

    @property
    def url(self) -> str:
        """The address without a slash at the end; a port only where it is not the scheme's default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}")

    def serves(self, host_header: str) -> bool:
        """Return whether a Host header names this server.

        Names of the loopback interface are accepted with any port: an SSH tunnel changes the port, and a page of
        another site cannot carry such a name.
        """
        try:
            parts = urlsplit(f"//{host_header}")
            host, port = parts.hostname, parts.port
        except ValueError:
            return False
        if host is None or parts.path or parts.query or parts.fragment or parts.username is not None:
            return False
        return is_loopback(host) or (host == self.host and port in (None, self.port))

    def same_origin(self, headers: Mapping[str, str]) -> bool:
        """Return whether a POST comes from a page of this server, by Origin and Sec-Fetch-Site.

        Every browser sends Origin with POST. A program that sends neither header holds no other person's cookie.
        """
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return False
        origin = headers.get("origin")
        if origin is None:
            return True
        host = headers.get("host", "")
        local = is_loopback(urlsplit(f"//{host}").hostname or "")  # an SSH tunnel, for example
        return origin == self.url or (local and origin == f"http://{host}")
