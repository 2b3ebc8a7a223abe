"""Reading the body of a request: bounded in size and time, JSON of a known form."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from .replies import RefusedError

Form = TypeVar("Form", bound=BaseModel)


async def read_json(request: Request, form: type[Form], *, largest: int, seconds: float) -> Form:
    """Read the body while it arrives, and stop at the first byte too many.

    Args:
        request: the request.
        form: what the body must be.
        largest: bytes allowed.
        seconds: time allowed for the whole body.

    Raises:
        RefusedError: 415, the body is not declared as JSON; 413, too large; 408, too slow; 400, malformed.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(415, "Send JSON, with Content-Type application/json.")
    too_large = RefusedError(413, f"The request is larger than {largest // 1024} KiB.")
    declared = request.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit()):
        raise RefusedError(400, "Content-Length is no number.")
    if int(declared[:20]) > largest:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > largest:
                    raise too_large
    except TimeoutError:
        raise RefusedError(408, "The request arrived too slowly.", {"Connection": "close"}) from None
    except ClientDisconnect:
        raise RefusedError(400, "The request broke off.") from None
    try:
        return form.model_validate_json(bytes(body))
    except ValidationError as error:
        raise RefusedError(400, _first_error(error)) from None


def _first_error(error: ValidationError) -> str:
    """Return one line on the first thing wrong. It repeats neither keys nor values of the request."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) if first["type"] != "extra_forbidden" else "an unknown key"
    return f"{where or 'the body'}: {first['msg'].splitlines()[0]}"[:300]
