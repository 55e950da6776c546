"""A server's error event as an exception."""

from __future__ import annotations

from cartesia.types.websocket_response import WebsocketResponse

from cartesia_nb.errors import ServerError


def server_error(event: WebsocketResponse) -> ServerError:
    """What the server says, and nothing made up: it may leave out all but the type."""
    title = getattr(event, "title", None)
    message = getattr(event, "message", None)
    code = getattr(event, "error_code", None)
    status = getattr(event, "status_code", None)
    said = ": ".join(
        part.rstrip(".") for part in (title, message) if isinstance(part, str) and part
    )
    marks = ", ".join(str(mark) for mark in (status, code) if mark is not None)
    text = f"The server reported an error{f' ({marks})' if marks else ''}"
    return ServerError(
        f"{text}: {said}." if said else f"{text} and gave no reason.",
        status_code=status if isinstance(status, int) else None,
        error_code=code if isinstance(code, str) else None,
        request_id=getattr(event, "request_id", None),
        doc_url=getattr(event, "doc_url", None),
    )
