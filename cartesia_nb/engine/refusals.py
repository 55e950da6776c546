"""Why a request is refused, in the shape that Cartesia gives its errors."""

from __future__ import annotations


class Refusal(Exception):
    """A request that can't be served, or not any further.

    It becomes an ``error`` event on the socket and a JSON body over HTTP.

    Attributes:
        status_code: the HTTP status, or what it would be.
        error_code: short and machine-readable, such as ``"invalid_speed"``.
        title: what went wrong, in a few words.
        message: what happened, with the value and what was allowed.
        context_id: the context concerned, once it is known.
    """

    def __init__(
        self,
        error_code: str,
        title: str,
        message: str,
        *,
        status_code: int = 400,
        context_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.error_code = error_code
        self.title = title
        self.message = message
        self.context_id = context_id
