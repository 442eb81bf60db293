"""Redis of the local stack."""

from pathlib import Path

from infra.local import binaries, probes
from infra.local.process import Service

_CONFIG = """\
bind 127.0.0.1
port {port}
dir {folder}
protected-mode yes
daemonize no
tcp-backlog 511
save ""
appendonly yes
appendfsync everysec
# Any eviction policy would drop whole streams: full means refused writes, never lost events.
maxmemory-policy noeviction
"""


def url(port: int) -> str:
    """The connection string processes get."""
    return f"redis://127.0.0.1:{port}/0"


def service(port: int, folder: Path, run: Path) -> Service:
    """Runs on loopback, with an append-only log synced every second."""
    folder.mkdir(parents=True, exist_ok=True)
    config = run / "redis.conf"
    config.write_text(_CONFIG.format(port=port, folder=folder))
    command = (binaries.find("redis"), str(config))
    return Service("redis", "redis", command, lambda: probes.redis_pong(port), port)
