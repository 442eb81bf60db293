"""The addresses under which other machines on the local network reach this one."""

import ipaddress
import socket
from contextlib import suppress


def addresses() -> list[str]:
    """IPv4 addresses of this machine that are not loopback, the outgoing one first."""
    found: list[str] = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: connecting a datagram socket only chooses the route.
        probe.connect(("192.0.2.1", 9))
        found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += [str(item[4][0]) for item in socket.getaddrinfo(socket.gethostname(), None)]
    return [
        host
        for host in dict.fromkeys(found)
        if ":" not in host and not ipaddress.ip_address(host).is_loopback
    ]
