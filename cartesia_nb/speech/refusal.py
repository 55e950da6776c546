"""A server's error event as an exception."""

from __future__ import annotations

from typing import Final

from cartesia.types.websocket_response import WebsocketResponse

from cartesia_nb.errors import ServerError

MOST_SAID: Final = 500
"""The most characters of a field that are repeated."""


def server_error(event: WebsocketResponse) -> ServerError:
    """What the server says, and nothing made up: it may leave out all but the type."""

    def said(name: str) -> str | None:
        value = getattr(event, name, None)
        if not isinstance(value, str) or not value:
            return None
        return value if len(value) <= MOST_SAID else f"{value[:MOST_SAID]}…"

    status = getattr(event, "status_code", None)
    status = status if isinstance(status, int) else None
    code = said("error_code")
    why = ": ".join(part.rstrip(".") for part in (said("title"), said("message")) if part)
    marks = ", ".join(str(mark) for mark in (status, code) if mark is not None)
    text = f"The server reported an error{f' ({marks})' if marks else ''}"
    return ServerError(
        f"{text}: {why}." if why else f"{text} and gave no reason.",
        status_code=status,
        error_code=code,
        request_id=said("request_id"),
        doc_url=said("doc_url"),
    )
