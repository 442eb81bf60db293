"""The one origin: Caddy's configuration, written from a template on every start."""

from dataclasses import dataclass
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from infra.local import binaries, probes
from infra.local.process import Service

_TEMPLATE = Path(__file__).with_name("Caddyfile.template")

CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        # Local previews of what is being composed are blobs.
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        # 'self' covers the socket: ws on the same origin.
        "connect-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the public side listens."""

    port: int
    lan: bool = False

    @property
    def host(self) -> str:
        """The address to bind: this machine only, unless the network is let in."""
        return "0.0.0.0" if self.lan else "127.0.0.1"  # noqa: S104  asked for with --lan


@dataclass(frozen=True, slots=True)
class Origin:
    """What stands behind the one origin."""

    listen: Listen
    apps: tuple[int, ...]
    gateways: tuple[int, ...]
    storage: str
    """The S3 endpoint as processes of ours reach it; pre-signed URLs are made for its host."""
    bucket: str
    site: Path
    """The built web app."""


def render(origin: Origin, data: Path) -> str:
    """The Caddyfile; `data` is where Caddy may keep files of its own."""
    storage = urlsplit(origin.storage or "http://127.0.0.1:9")
    default_port = 443 if storage.scheme == "https" else 80
    return Template(_TEMPLATE.read_text()).substitute(
        port=origin.listen.port,
        bind=origin.listen.host,
        data=data,
        apps=_upstreams(origin.apps),
        gateways=_upstreams(origin.gateways),
        storage_upstream=f"{storage.scheme}://{storage.hostname}:{storage.port or default_port}",
        storage_host=storage.netloc,
        bucket=origin.bucket,
        site=origin.site,
        content_policy=CONTENT_POLICY,
    )


def _upstreams(ports: tuple[int, ...]) -> str:
    # Port 9 (discard) answers nobody: a stack without that part says 502, not a syntax error.
    return " ".join(f"127.0.0.1:{port}" for port in ports or (9,))


def service(origin: Origin, folder: Path, run: Path) -> Service:
    """Caddy on the public port."""
    folder.mkdir(parents=True, exist_ok=True)
    config = run / "Caddyfile"
    config.write_text(render(origin, folder))
    command = (binaries.find("proxy"), "run", "--adapter", "caddyfile", "--config", str(config))
    # It would write to the home folder otherwise.
    environment = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    port = origin.listen.port
    return Service(
        *("proxy", "proxy", command, lambda: probes.listens(port), port, environment),
        grace_s=8,
    )
