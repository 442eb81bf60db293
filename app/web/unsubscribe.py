"""The page behind the link in a digest. Looking at it changes nothing, since mail scanners open
links; its button, and a mail program's own (RFC 8058), send a POST."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app import dispatch
from app.digest import link, service
from app.errors import GlimpseError
from app.limits import refuse
from app.web import envelope, request as incoming

_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>Glimpse</title>'
    "<body><main><h1>Email digest</h1>{}</main></body></html>"
)
_ASK = '<form method="post"><button>Send me no more digests</button></form>'
_DONE = "<p>Done: no more digests for {}. You can turn them on again in the settings.</p>"


async def page(request: Request) -> Response:
    resources = request.app.state.resources
    ctx = incoming.context(request, incoming.headers_of(request), resources)
    token = request.path_params["token"]
    try:
        passage = await resources.guard.enter("writes", ctx.address, "")
        if passage.exceeded and passage.quota is not None:
            raise refuse(passage.quota)
        if request.method == "POST":
            username = await dispatch.stored(service.stop(resources, token))
            return HTMLResponse(_PAGE.format(_DONE.format(escape(username))))
        link.user_of(resources.settings.auth.secret, token)
        return HTMLResponse(_PAGE.format(_ASK))
    except GlimpseError as error:
        return envelope.failure(ctx, error)


def routes() -> list[Route]:
    return [Route(link.PATH + "/{token:str}", page, methods=["GET", "POST"])]
