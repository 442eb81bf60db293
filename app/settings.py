"""Settings: small typed groups, read from `GLIMPSE_<GROUP>_<NAME>`, built once in an entry point.

Nothing reads the environment at import. An entry point calls `load_settings()` and hands
the result down; a wrong value raises `SettingsError`, which names the variable.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_type_hints


class SettingsError(ValueError):
    """A variable holds something that cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Mongo:
    url: str = "mongodb://127.0.0.1:27017/?replicaSet=glimpse"
    database: str = "glimpse"
    pool_max: int = 50


@dataclass(frozen=True, slots=True)
class Redis:
    url: str = "redis://127.0.0.1:6379/0"
    cluster: bool = False
    timeout_ms: int = 8000


@dataclass(frozen=True, slots=True)
class Storage:
    endpoint: str = "http://127.0.0.1:8333"
    """Where processes of ours reach the S3 API."""
    public_endpoint: str = ""
    """Where clients reach it; empty: the origin they called, the proxy passing it on."""
    region: str = "us-east-1"
    access_key: str = "glimpse"
    secret_key: str = "glimpse-local-secret"  # noqa: S105  local stack only; `up` makes a real one
    bucket: str = "glimpse-media"
    offload: bool = True
    """Media answers name the object in `X-Accel-Redirect` and the proxy streams it."""


@dataclass(frozen=True, slots=True)
class Http:
    public_url: str = ""
    """The one origin people use; empty: taken from the request's Host."""
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    body_bytes_max: int = 262_144


@dataclass(frozen=True, slots=True)
class Auth:
    secret: str = ""
    """Signs access tokens, cursors and media links; at least 32 characters."""
    access_s: int = 3600
    refresh_s: int = 7 * 86_400
    argon2_time: int = 2
    argon2_memory_kib: int = 19_456


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a person (or, before log-in, an address) may make; 0 switches a limit off."""

    writes_per_hour: int = 1000
    reads_per_hour: int = 10_000
    uploads_per_day: int = 50
    follows_per_hour: int = 200
    likes_per_hour: int = 500
    registrations_per_hour: int = 60
    logins_per_5min: int = 25


@dataclass(frozen=True, slots=True)
class Feed:
    push_followers_max: int = 10_000
    """Authors with more followers are pulled at read time instead of pushed."""
    entries_max: int = 500
    ttl_s: int = 14 * 86_400


@dataclass(frozen=True, slots=True)
class Stories:
    lifetime_s: int = 86_400
    push_followers_max: int = 1000
    """Authors with more followers are asked for when a tray is read, instead of written to it."""
    insights_s: int = 14 * 86_400
    """For which what people did with a story is kept after its end."""


@dataclass(frozen=True, slots=True)
class Media:
    url_life_s: int = 6 * 3600
    upload_life_s: int = 300
    orphan_life_s: int = 86_400
    image_bytes_max: int = 20 * 1024 * 1024
    image_pixels_max: int = 50_000_000
    image_timeout_s: int = 30
    image_memory_mb: int = 1024
    video_bytes_max: int = 500 * 1024 * 1024
    video_duration_max_s: int = 900
    video_pixels_max: int = 4096 * 2304
    video_timeout_s: int = 1500
    """Of one step; half an hour after its last step an upload counts as stalled."""
    video_memory_mb: int = 3072
    ffmpeg: str = ""
    """The path of an ffmpeg of at least 7.1; empty: the one of the wheel `imageio-ffmpeg`."""


@dataclass(frozen=True, slots=True)
class Socket:
    ping_interval_ms: int = 25_000
    hello_timeout_ms: int = 5000
    topics_max: int = 200
    frame_bytes_max: int = 65_536
    calls_per_s: int = 50
    sockets_per_user_max: int = 10
    sockets_max: int = 15_000
    """Of one node; mind its file descriptors. This and the next four: 0 means no limit."""
    handshakes_per_s: int = 3000
    """Let in by one node, on average; twice as many may come at once."""
    pending_max: int = 5000
    """Sockets of one node that have not said hello yet."""
    address_handshakes_per_s: int = 50
    """From one address, as a trusted proxy tells it. The proxies' own are not bound by it."""
    address_pending_max: int = 200
    compression: bool = False
    """Let clients negotiate permessage-deflate."""
    outbox_messages_max: int = 512
    outbox_bytes_max: int = 1_048_576
    log_events_max: int = 256
    log_life_s: int = 600
    presence_linger_ms: int = 5000
    """Who goes is shown as gone after this, so that a reconnect does not flicker."""
    presence_life_ms: int = 15_000
    """A node that was not heard of for this long is dead, and its people are gone."""


@dataclass(frozen=True, slots=True)
class Bus:
    partitions: int = 16
    retention_s: int = 3600
    """Stream entries older than this are trimmed, once every group has had them."""
    claim_idle_ms: int = 5000
    """An entry untouched this long belongs to a worker that died; the living renew theirs."""
    deliveries_max: int = 5


@dataclass(frozen=True, slots=True)
class Push:
    """Web push is on when there is a key, mobile push when there are credentials."""

    vapid_private_key: str = ""
    """P-256, 32 bytes in URL-safe base64; `up` makes one. Changing it ends all subscriptions."""
    contact: str = "mailto:postmaster@localhost"
    """Whom a push service may write to: `mailto:` or `https:`."""
    services: tuple[str, ...] = (
        "fcm.googleapis.com",
        "*.push.services.mozilla.com",
        "*.notify.windows.com",
        "*.push.apple.com",
    )
    """Hosts that subscriptions may lead to, `*.` for any below; `*` for any public one."""
    trusted_hosts: tuple[str, ...] = ()
    """`host:port` of push services inside one's own network, over http too."""
    fcm_credentials: str = ""
    """Path of a service account's JSON file."""
    fcm_url: str = "https://fcm.googleapis.com"
    grace_ms: int = 5000
    """Before anyone is pushed to: time to see it on a screen."""
    second_look_s: int = 90
    """Who seemed connected is looked at once more after this: the connection may be dead."""
    gap_s: int = 60
    """Between two pushes about the same thing."""
    per_hour_max: int = 60
    attempts_max: int = 8
    retry_ms: int = 2000
    """The first pause after a failure; it doubles up to an hour."""


@dataclass(frozen=True, slots=True)
class Email:
    """The digest is on when there is a host, and `GLIMPSE_HTTP_PUBLIC_URL` for its links."""

    host: str = ""
    port: int = 587
    username: str = ""
    password: str = ""
    tls: str = "starttls"
    """`starttls`, `tls` (from the first byte) or `none`."""
    sender: str = "Glimpse <no-reply@localhost>"
    digest_hour: int = 8
    """UTC; of each day, and of Monday for the weekly one."""
    timeout_s: int = 30


@dataclass(frozen=True, slots=True)
class Settings:
    mongo: Mongo = field(default_factory=Mongo)
    redis: Redis = field(default_factory=Redis)
    storage: Storage = field(default_factory=Storage)
    http: Http = field(default_factory=Http)
    auth: Auth = field(default_factory=Auth)
    limits: Limits = field(default_factory=Limits)
    feed: Feed = field(default_factory=Feed)
    stories: Stories = field(default_factory=Stories)
    media: Media = field(default_factory=Media)
    socket: Socket = field(default_factory=Socket)
    bus: Bus = field(default_factory=Bus)
    push: Push = field(default_factory=Push)
    email: Email = field(default_factory=Email)


_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def _parse(variable: str, kind: Any, text: str) -> Any:
    if kind is str:
        return text
    if kind is bool:
        if text.lower() in _TRUE:
            return True
        if text.lower() in _FALSE:
            return False
        raise SettingsError(f"{variable}={text!r}: expected true or false")
    if kind is int:
        try:
            number = int(text)
        except ValueError:
            raise SettingsError(f"{variable}={text!r}: expected a whole number") from None
        if number < 0:
            raise SettingsError(f"{variable}={text!r}: expected 0 or more")
        return number
    return tuple(part.strip() for part in text.split(",") if part.strip())


def variables() -> dict[str, tuple[str, str, Any, Any]]:
    """Every variable: name → (group, field, type, default)."""
    found: dict[str, tuple[str, str, Any, Any]] = {}
    for group, group_type in get_type_hints(Settings).items():
        hints = get_type_hints(group_type)
        for item in fields(group_type):
            name = f"GLIMPSE_{group}_{item.name}".upper()
            found[name] = (group, item.name, hints[item.name], item.default)
    return found


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment; raises SettingsError for unknown names and wrong values."""
    environ = os.environ if environ is None else environ
    known = variables()
    given: dict[str, dict[str, Any]] = {}
    for variable, text in environ.items():
        if not variable.startswith("GLIMPSE_"):
            continue
        if variable not in known:
            raise SettingsError(f"{variable}: no such setting; `glimpse settings` lists them")
        group, name, kind, _ = known[variable]
        given.setdefault(group, {})[name] = _parse(variable, kind, text)
    settings = Settings(**{g: t(**given.get(g, {})) for g, t in get_type_hints(Settings).items()})
    if len(settings.auth.secret) < 32:
        raise SettingsError("GLIMPSE_AUTH_SECRET: expected at least 32 characters")
    if settings.email.tls not in ("starttls", "tls", "none"):
        raise SettingsError("GLIMPSE_EMAIL_TLS: expected starttls, tls or none")
    if settings.email.digest_hour > 23:
        raise SettingsError("GLIMPSE_EMAIL_DIGEST_HOUR: expected 0 to 23")
    return settings
