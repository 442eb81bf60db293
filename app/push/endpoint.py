"""Where a subscription may lead to: a push service, never a place inside our own network.

Whoever subscribes names a URL that the server then calls. So it has to be https on a known
push service's host, and every address that the host's name resolves to is looked at when the
connection is made: a name that leads elsewhere a moment later is of no use.
"""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientTimeout, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from app.errors import Invalid
from app.settings import Push

LENGTH_MAX = 1024
_TIMEOUT = ClientTimeout(total=15, connect=5)
_CONNECTIONS_MAX = 64


class Forbidden(OSError):
    """The name resolves to nothing that may be called."""


def check(settings: Push, url: str) -> str:
    """The URL, if a subscription may lead there; raises Invalid."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _invalid("Not a URL.") from None
    host = (parts.hostname or "").lower()
    if len(url) > LENGTH_MAX or not url.isascii() or not url.isprintable() or " " in url:
        raise _invalid("Not a URL.")
    if parts.username is not None or parts.password is not None or parts.fragment or not host:
        raise _invalid("Not the address of a push service.")
    if _is_trusted(settings, host, port):
        if parts.scheme not in ("http", "https"):
            raise _invalid("Only http and https lead to a push service.")
        return url
    if parts.scheme != "https" or port not in (None, 443):
        raise _invalid("A push service is reached by https on its usual port.")
    if is_address(host) or not _is_known(settings, host):
        raise _invalid("This is no push service that the server knows.")
    return url


def _invalid(message: str) -> Invalid:
    return Invalid.field("endpoint", message, "bad_endpoint")


def _is_trusted(settings: Push, host: str, port: int | None) -> bool:
    return f"{host}:{port}" in settings.trusted_hosts


def _is_known(settings: Push, host: str) -> bool:
    for known in settings.services:
        if known == "*" and "." in host and not host.endswith((".local", ".internal")):
            return True
        if host == known or (known.startswith("*.") and host.endswith(known[1:])):
            return True
    return False


def is_address(host: str) -> bool:
    """Also in the old spellings (`127.1`, `0x7f000001`) that resolvers take for one."""
    try:
        ipaddress.ip_address(host)
        return True
    except ValueError:
        pass
    last = host.rstrip(".").rpartition(".")[2]
    return last.isdecimal() or last.startswith("0x")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if inner:
            ip = inner
        elif ip in ipaddress.IPv6Network("64:ff9b::/96"):
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only, but for the hosts that settings trust."""

    def __init__(self, settings: Push) -> None:
        self._settings = settings
        self._inner: AbstractResolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if _is_trusted(self._settings, host, port):
            return found
        public = [result for result in found if is_public(result["host"])]
        if not public:
            raise Forbidden(f"{host} leads to no public address")
        return public

    async def close(self) -> None:
        await self._inner.close()


def open_session(settings: Push) -> ClientSession:
    """For calls to URLs that others name. Redirects have to be refused in each call."""
    connector: Any = TCPConnector(
        resolver=PublicResolver(settings), limit=_CONNECTIONS_MAX, ttl_dns_cache=60
    )
    return ClientSession(connector=connector, timeout=_TIMEOUT, trust_env=False)
