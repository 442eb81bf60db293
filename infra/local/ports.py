"""Ports of the stack: free ones are chosen and remembered, so that addresses stay the same."""

import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

# Below Linux's ephemeral range (32768–60999): there, an outgoing connection could take the
# port of a killed server in the moment before its restart.
_FIRST, _LAST = 20_000, 31_999
_TRIES_MAX = 200


class PortTakenError(RuntimeError):
    """The port that was asked for is in use; the message says what to do."""


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on `port` now (TIME_WAIT does not count as taken)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            # SO_REUSEADDR lets two sockets bind; only one may listen.
            probe.listen(1)
        except OSError:
            return False
    return True


def public_port(wanted: int, host: str) -> int:
    """`wanted` itself, or a free one when it is 0. Raises PortTakenError."""
    if wanted == 0:
        return PortBook({}).take("proxy")
    if not is_free(wanted, host):
        raise PortTakenError(
            f"port {wanted} is already in use on {host}. Choose another with "
            f"`glimpse up --port N` (`make up PORT=N`), or stop what listens there "
            f"(`ss -ltnp sport = :{wanted}` shows it)."
        )
    return wanted


@dataclass(slots=True)
class PortBook:
    """Hands out a port for each name: the remembered one if it is still free."""

    remembered: Mapping[str, int]
    taken: dict[str, int] = field(default_factory=dict)

    def take(self, name: str) -> int:
        if name in self.taken:
            return self.taken[name]
        port = self.remembered.get(name, 0)
        in_use = set(self.taken.values())
        for _ in range(_TRIES_MAX):
            if port and port not in in_use and is_free(port):
                self.taken[name] = port
                return port
            port = random.randint(_FIRST, _LAST)
        raise PortTakenError(f"found no free port for {name} between {_FIRST} and {_LAST}")
