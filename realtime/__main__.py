"""`python -m realtime --port N --node gw1`: one gateway node."""

import argparse
import sys

from app.garbage import look_seldom
from app.settings import SettingsError, load_settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m realtime")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--node", required=True, help="a name no other node has, such as gw1")
    arguments = parser.parse_args()
    if not arguments.node.isalnum():
        parser.error("--node: letters and digits only")
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.exit(f"settings: {error}")
    from realtime.main import create_app
    from realtime.server import BACKLOG, server
    from realtime.transport import listen

    app = create_app(settings, arguments.node)
    listener = listen(arguments.host, arguments.port, BACKLOG)
    look_seldom()
    server(app, settings.socket, arguments.host, arguments.port).run(sockets=[listener])


if __name__ == "__main__":
    main()
