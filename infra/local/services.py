"""The explicit list of what runs, in start order; the wiring of ports, secrets and settings."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.local import caddyfile, mongod, probes, redis, s3
from infra.local.layout import CHECKOUT, Layout
from infra.local.ports import PortBook
from infra.local.process import Service
from infra.local.secrets import Secrets

APPS = 2
GATEWAYS = 2
STORES = ("mongod", "redis", "s3")
WORKERS = ("relay", "fanout", "counters", "notify", "images", "transcode", "push", "schedule")
ROLES = (*STORES, "proxy", "app", "gateway", *WORKERS)
"""Every role, as `--only` takes them."""

EXTERNAL = {
    "mongod": "GLIMPSE_MONGO_URL",
    "redis": "GLIMPSE_REDIS_URL",
    "s3": "GLIMPSE_STORAGE_ENDPOINT",
}
"""Naming a server in the environment means: use that one, start none."""

Tier = tuple[Service, ...]
"""Services that start together, and of which the next tier needs all."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: tiers in start order, and the environment they share."""

    stores: Tier
    edges: Tier
    proxy: Tier
    environment: dict[str, str]

    @property
    def tiers(self) -> tuple[Tier, ...]:
        return tuple(tier for tier in (self.stores, self.edges, self.proxy) if tier)

    @property
    def needs_preparing(self) -> bool:
        """Whether indexes and buckets are wanted: not when somebody starts stores alone."""
        return bool(self.edges)


def is_external(role: str, environ: Mapping[str, str]) -> bool:
    return bool(environ.get(EXTERNAL.get(role, "")))


def plan(
    layout: Layout,
    ports: PortBook,
    secrets: Secrets,
    only: frozenset[str],
    listen: caddyfile.Listen,
    environ: Mapping[str, str] = os.environ,
) -> Plan:
    """Choose ports, write configuration files, and put the services together."""
    wanted = [role for role in STORES if role in only and not is_external(role, environ)]
    stores: list[Service] = []
    given: dict[str, str] = {
        "GLIMPSE_AUTH_SECRET": secrets.auth,
        "GLIMPSE_PUSH_VAPID_PRIVATE_KEY": secrets.vapid_private_key,
    }
    if "mongod" in wanted:
        stores.append(mongod.service(ports.take("mongod"), layout.store("mongod")))
        given["GLIMPSE_MONGO_URL"] = mongod.url(ports.take("mongod"))
    if "redis" in wanted:
        stores.append(redis.service(ports.take("redis"), layout.store("redis"), layout.run))
        given["GLIMPSE_REDIS_URL"] = redis.url(ports.take("redis"))
    if "s3" in wanted:
        keys = (secrets.storage_access_key, secrets.storage_secret_key)
        stores.append(s3.service(ports, layout.store("s3"), layout.run, *keys))
        given["GLIMPSE_STORAGE_ENDPOINT"] = s3.endpoint(ports.take("s3"))
        given["GLIMPSE_STORAGE_ACCESS_KEY"], given["GLIMPSE_STORAGE_SECRET_KEY"] = keys
    # What the person set wins over what would be made up.
    environment = {name: environ.get(name) or value for name, value in given.items()}
    apps = _apps(ports, environment) if "app" in only else ()
    gateways = _gateways(ports, environment) if "gateway" in only else ()
    workers = tuple(_worker(role, ports, environment) for role in WORKERS if role in only)
    proxy: Tier = ()
    if "proxy" in only:
        origin = caddyfile.Origin(
            listen=listen,
            apps=tuple(service.port or 0 for service in apps),
            gateways=tuple(service.port or 0 for service in gateways),
            storage=environ.get(EXTERNAL["s3"]) or given.get(EXTERNAL["s3"], ""),
            bucket=environ.get("GLIMPSE_STORAGE_BUCKET") or "glimpse-media",
            site=CHECKOUT / "frontend" / "dist",
        )
        proxy = (caddyfile.service(origin, layout.store("proxy"), layout.run),)
    return Plan(tuple(stores), (*apps, *gateways, *workers), proxy, environment)


def _python(
    role: str, name: str, module: str, arguments: tuple[str, ...], port: int, env: dict[str, str]
) -> Service:
    command = (sys.executable, "-m", module, *arguments)
    environment = {**env, "PYTHONUNBUFFERED": "1"}
    return Service(
        role,
        name,
        command,
        lambda: probes.http_ok(port, "/readyz"),
        port,
        environment,
        grace_s=15,
        folder=_code(),
    )


def _code() -> Path:
    # `python -m` looks in the working folder, so the checkout's code runs, installed or not.
    return CHECKOUT


def _apps(ports: PortBook, env: dict[str, str]) -> Tier:
    numbered = [(f"app-{n}", ports.take(f"app-{n}")) for n in range(1, APPS + 1)]
    return tuple(_python("app", n, "app", ("--port", str(p)), p, env) for n, p in numbered)


def _gateways(ports: PortBook, env: dict[str, str]) -> Tier:
    services = []
    for number in range(1, GATEWAYS + 1):
        name = f"gateway-{number}"
        port = ports.take(name)
        arguments = ("--port", str(port), "--node", f"gw{number}")
        services.append(_python("gateway", name, "realtime", arguments, port, env))
    return tuple(services)


def _worker(role: str, ports: PortBook, env: dict[str, str]) -> Service:
    port = ports.take(role)
    return _python(role, role, "workers", (role, "--metrics-port", str(port)), port, env)
