"""How a WebSocket to the server comes about, and why it does not.

``websockets`` is imported when it is first needed, as the SDK does.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
from typing import TYPE_CHECKING, Final

from cartesia_nb.errors import AuthenticationError, CartesiaNbError, ConnectError

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection
    from websockets.datastructures import HeadersLike

    from cartesia_nb.speech.socket import Endpoint

PASSING_STATUS: Final = (408, 425, 429, 500, 502, 503, 504)
"""HTTP statuses after which another try may succeed, as ``websockets`` counts them, and 429."""


class Redirected(Exception):
    """The server sends on to another address; its text is that address."""


@functools.cache
def connection_class() -> type[ClientConnection]:
    """A connection that follows no redirect.

    ``websockets`` would go wherever the server says, to another host as well, and send the same
    headers there: the key among them. A browser's WebSocket follows none either.
    """
    from websockets.asyncio.client import ClientConnection
    from websockets.exceptions import InvalidStatus

    class Direct(ClientConnection):
        async def handshake(
            self,
            additional_headers: HeadersLike | None = None,
            user_agent_header: str | None = None,
        ) -> None:
            try:
                await super().handshake(additional_headers, user_agent_header)
            except InvalidStatus as refused:
                to = refused.response.headers.get("Location")
                if to is not None and 300 <= refused.response.status_code < 400:
                    raise Redirected(to) from None
                raise

    return Direct


def connect_error(fault: Exception, endpoint: Endpoint, timeout: float) -> CartesiaNbError:
    """Why a try to connect failed, in a sentence with no secret in it.

    Args:
        fault: what ``websockets`` raised.
        endpoint: where to.
        timeout: the seconds that the try could take.
    """
    from websockets import exceptions

    where = endpoint.websocket_url
    stranger = f"What answers at {where} is no WebSocket server of Cartesia's protocol"
    if isinstance(fault, exceptions.InvalidStatus):
        return _refused(fault.response.status_code, where, stranger)
    if isinstance(fault, Redirected):
        to = endpoint.key.redact(str(fault))[:200]
        return ConnectError(
            f"The server at {where} sends on to {to!r}, where the key is not taken along. Give "
            "connect() the address that is meant."
        )
    if isinstance(fault, TimeoutError | asyncio.TimeoutError):
        return ConnectError(
            f"The server at {where} did not answer within {timeout:g} s. Check the network and "
            "the address.",
            passing=True,
        )
    if isinstance(fault, ssl.SSLError):
        return ConnectError(
            f"The server at {where} could not prove who it is ({fault.reason or fault}). Check the "
            "address, and this machine's certificates and clock."
        )
    if isinstance(fault, OSError):
        return ConnectError(
            f"No server answers at {where} ({fault.strerror or type(fault).__name__}). Check the "
            "address and the network.",
            passing=True,
        )
    if isinstance(fault, exceptions.InvalidMessage) and isinstance(fault.__cause__, EOFError):
        return ConnectError(
            f"The server at {where} closed the connection before it answered.", passing=True
        )
    if isinstance(fault, exceptions.InvalidProxy | exceptions.ProxyError):
        # Its address is not repeated: there may be a password in it.
        status = getattr(getattr(fault, "response", None), "status_code", None)
        how = type(fault).__name__ if status is None else f"HTTP {status}"
        return ConnectError(
            f"The proxy on the way to {where} did not let us through ({how}). Check HTTPS_PROXY, "
            "HTTP_PROXY, ALL_PROXY and NO_PROXY in the environment."
        )
    if isinstance(fault, exceptions.InvalidURI | exceptions.InvalidHandshake):
        return ConnectError(f"{stranger} ({type(fault).__name__}).")
    said = endpoint.key.redact(str(fault)) or type(fault).__name__
    return ConnectError(f"The connection to {where} failed: {said}.")


def _refused(status: int, where: str, stranger: str) -> CartesiaNbError:
    if status in (401, 403):
        return AuthenticationError(
            f"The server at {where} refused the API key (HTTP {status}). Check the key in "
            "CARTESIA_API_KEY, or the one given to connect(api_key=...)."
        )
    if status == 429:
        return ConnectError(
            f"The server at {where} has too many connections open for this key (HTTP 429). "
            "Close other notebooks that use it, or try again in a moment.",
            passing=True,
        )
    if status < 400:
        return ConnectError(f"{stranger} (HTTP {status}).")
    return ConnectError(
        f"The server at {where} refused the connection (HTTP {status}).",
        passing=status in PASSING_STATUS,
    )
