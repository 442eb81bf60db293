"""All operations behind one route, found by a lookup: a list of routes would be tried pattern by
pattern for every request."""

import logging
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from app import dispatch
from app.errors import GlimpseError
from app.limits import refuse
from app.operation import Operation
from app.web import envelope, request as incoming

log = logging.getLogger(__name__)

BASE = "/api/v1"
Endpoint = Callable[[Request], Awaitable[Response]]
_PARAMETER = re.compile(r"\\{(\w+)\\}")


class Operations(BaseRoute):
    """Fixed paths come before those with parameters, so that `/users/me` is not a username."""

    def __init__(self, operations: list[Operation]) -> None:
        self._fixed: dict[tuple[str, str], Endpoint] = {}
        self._named: defaultdict[tuple[str, int], list[tuple[re.Pattern[str], Endpoint]]]
        self._named = defaultdict(list)
        self._methods = {operation.method for operation in operations}
        for one in sorted(operations, key=lambda op: [p[:1] == "{" for p in op.path.split("/")]):
            path, endpoint = BASE + one.path, _endpoint(one)
            if one.path_names:
                pattern = re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", re.escape(path)))
                self._named[one.method, path.count("/")].append((pattern, endpoint))
            else:
                self._fixed[one.method, path] = endpoint

    def _find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
        if endpoint := self._fixed.get((method, path)):
            return endpoint, {}
        for pattern, endpoint in self._named.get((method, path.count("/")), ()):
            if match := pattern.fullmatch(path):
                return endpoint, match.groupdict()
        return None

    def methods_of(self, path: str) -> set[str]:
        """What the address takes; nothing when there is no such address."""
        found = {str(method) for method in self._methods if self._find(method, path)}
        return found | {"HEAD"} if "GET" in found else found

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        method, path = scope["method"], scope["path"]
        found = self._find("GET" if method == "HEAD" else method, path)
        if found is not None:
            return Match.FULL, {"endpoint": found[0], "path_params": found[1]}
        if self.methods_of(path):
            return Match.PARTIAL, {"endpoint": _wrong_method, "path_params": {}}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await scope["endpoint"](Request(scope, receive, send))
        await response(scope, receive, send)


async def _wrong_method(request: Request) -> Response:
    raise HTTPException(405)


def _endpoint(operation: Operation) -> Endpoint:
    async def serve(request: Request) -> Response:
        resources = request.scope["app"].state.resources
        headers = incoming.headers_of(request)
        ctx = incoming.context(request, headers, resources)
        try:
            refused = None
            try:
                incoming.authenticate(headers, ctx)
                if ctx.cookies.get("glimpse_refresh") and operation.path.startswith("/auth/"):
                    incoming.check_same_origin(request, ctx)
            except GlimpseError as error:
                refused = error
            # Counted before it is refused: guessing tokens has its limit too.
            if refused is not None:
                passage = await resources.guard.enter(operation.limit, ctx.address, "")
                ctx.quota = passage.quota
                if passage.exceeded and passage.quota is not None:
                    raise refuse(passage.quota)
                raise refused
            if operation.ahead is not None:
                outcome = await dispatch.dispatch_ahead(
                    operation,
                    ctx,
                    lambda: dispatch.parse_texts(operation.params, incoming.named(request)),
                )
            else:
                await dispatch.admit(operation, ctx)
                raw = incoming.named(request)
                if operation.method != "GET":
                    await incoming.add_body(raw, request, headers)
                key = headers.get(b"idempotency-key")
                outcome = await dispatch.run(
                    operation, ctx, raw, None if key is None else key.decode("latin-1")
                )
        except GlimpseError as error:
            return envelope.failure(ctx, error)
        except Exception:
            # The boundary of a request: recorded with its id, told without a stack trace.
            log.exception("request %s %s failed", ctx.request_id, operation.path)
            return envelope.failure(ctx, envelope.unexpected())
        return envelope.success(ctx, outcome)

    return serve
