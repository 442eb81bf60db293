"""`python -m app --port N`: one process of the HTTP edge."""

import argparse
import sys

import uvicorn

from app.garbage import look_seldom
from app.settings import SettingsError, load_settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m app")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.exit(f"settings: {error}")
    from app.main import create_app

    app = create_app(settings)
    look_seldom()
    uvicorn.run(
        app,
        host=arguments.host,
        port=arguments.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=75,
        backlog=4096,
    )


if __name__ == "__main__":
    main()
