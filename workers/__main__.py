"""`python -m workers ROLE [--metrics-port N]`: one process of one role."""

import argparse
import asyncio
import importlib
import logging
import sys

import uvloop

from app.settings import SettingsError, load_settings
from workers.runtime import Role

# Imported only when asked for: the image libraries are of no use to the relay.
MODULES = {
    "relay": "workers.relay",
    "fanout": "workers.fanout",
    "counters": "workers.counters",
    "notify": "workers.notify",
    "images": "workers.images",
    "transcode": "workers.transcode",
    "push": "workers.push",
    "schedule": "workers.schedule",
}


def load_role(name: str) -> Role:
    """The `ROLE` that the module of `name` declares."""
    role = importlib.import_module(MODULES[name]).ROLE
    assert isinstance(role, Role), f"{MODULES[name]}.ROLE is not a Role"
    assert role.name == name, f"{MODULES[name]}.ROLE is called {role.name}"
    return role


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("role", choices=sorted(MODULES))
    parser.add_argument("--metrics-host", default="127.0.0.1")
    parser.add_argument(
        "--metrics-port", type=int, default=0, help="/healthz, /readyz, /metrics; 0: any free port"
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.exit(f"settings: {error}")
    from workers.process import run_role

    role = load_role(arguments.role)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_role(role, settings, arguments.metrics_host, arguments.metrics_port))


if __name__ == "__main__":
    main()
