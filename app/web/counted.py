"""Answers under `/api/v1` that belong to no operation: counted and headed like all others."""

from starlette.requests import Request
from starlette.responses import Response

from app.errors import GlimpseError
from app.limits import refuse
from app.web import envelope, request as incoming


async def counted(request: Request, answer: Response | GlimpseError) -> Response:
    """The answer, or a refusal when its address has read too much."""
    resources = request.app.state.resources
    ctx = incoming.context(request, incoming.headers_of(request), resources)
    passage = await resources.guard.enter("reads", ctx.address, "")
    ctx.quota = passage.quota
    if passage.exceeded and passage.quota is not None:
        answer = refuse(passage.quota)
    if isinstance(answer, GlimpseError):
        return envelope.failure(ctx, answer)
    return envelope.finish(answer, ctx, ctx.quota)
