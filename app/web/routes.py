"""One Starlette route for each operation."""

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import dispatch
from app.errors import GlimpseError
from app.limits import refuse
from app.operation import Operation
from app.web import envelope, request as incoming

log = logging.getLogger(__name__)

BASE = "/api/v1"


def routes(operations: list[Operation]) -> list[Route]:
    """Fixed paths before those with parameters, so that `/users/me` is not a username."""
    ordered = sorted(operations, key=lambda op: [p.startswith("{") for p in op.path.split("/")])
    return [Route(BASE + op.path, _endpoint(op), methods=[op.method]) for op in ordered]


def _endpoint(operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        resources = request.app.state.resources
        ctx = incoming.context(request, resources)
        request.state.request_id = ctx.request_id
        try:
            refused = None
            try:
                incoming.authenticate(request, ctx)
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
            await dispatch.admit(operation, ctx)
            raw = await incoming.raw_parameters(
                request, operation, resources.settings.http.body_bytes_max
            )
            outcome = await dispatch.run(
                operation, ctx, raw, request.headers.get("idempotency-key")
            )
        except GlimpseError as error:
            return envelope.failure(ctx, error)
        except Exception:
            # The boundary of a request: recorded with its id, told without a stack trace.
            log.exception("request %s %s failed", ctx.request_id, operation.path)
            return envelope.failure(ctx, envelope.unexpected())
        return envelope.success(ctx, outcome)

    return serve
