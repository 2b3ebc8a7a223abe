"""Pictures of a showing, for the person it was drawn for and nobody else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .context import Context
from .cookie import session_id
from .replies import RefusedError


def picture_routes(context: Context) -> list[Route]:
    """Return the route of pictures."""

    async def picture(request: Request) -> Response:
        session, showing = session_id(request, context), request.path_params["showing"]
        pictures = await context.encoding.run(context.study.pictures, session, showing)
        png = pictures.get(request.path_params["name"])
        if png is None:
            raise RefusedError(404, "There is no such picture.")
        headers = {"Cache-Control": "private, max-age=86400, immutable"}
        return Response(png, media_type="image/png", headers=headers)

    return [Route("/picture/{showing}/{name}.png", picture)]
