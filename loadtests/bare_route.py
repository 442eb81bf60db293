"""`python -m loadtests.bare_route FILE PORT [PATH]`: one Starlette route that answers with the file.

It is served by the app's own entry point, so that all settings of the server are the same.
"""

import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import app.__main__ as entry
import app.main


def main() -> None:
    body = Path(sys.argv[1]).read_bytes()

    async def answer(request: Request) -> Response:
        return Response(body, media_type="application/json")

    path = sys.argv[3] if len(sys.argv) > 3 else "/api/v1/feed/home"
    bare = Starlette(routes=[Route(path, answer)])
    app.main.create_app = lambda settings=None: bare
    sys.argv[1:] = ["--port", sys.argv[2]]
    entry.main()


if __name__ == "__main__":
    main()
