"""One WebSocket to a server that speaks Cartesia's protocol, through the official SDK.

The SDK gives the address, the authorisation and the parsing. Its ``receive()`` hangs or ends
falsely when a socket drops, so messages are read here and routed by ``router``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import httpx
from cartesia import AsyncCartesia
from cartesia.types.websocket_connection_options import WebsocketConnectionOptions
from cartesia.types.websocket_response import WebsocketResponse

from cartesia_nb.errors import AuthenticationError, ConnectionLostError
from cartesia_nb.speech import handshake
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.settings import Json

if TYPE_CHECKING:
    from cartesia.lib._tts import AsyncTTSResourceConnection


@dataclass(frozen=True)
class Endpoint:
    """Where to connect, and with which key.

    Attributes:
        base_url: ``https://...`` or ``http://...``, for REST.
        websocket_url: ``wss://...`` or ``ws://...``, less the path.
        key: the API key.
    """

    base_url: str
    websocket_url: str
    key: Secret

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine."""
        return urlsplit(self.base_url).hostname in ("localhost", "127.0.0.1", "::1")

    def client(self) -> AsyncCartesia:
        """The SDK's client for this endpoint. For the network loop.

        It has no way to speak HTTP: who wants REST gives it one (``with_options``). The SDK's own
        reads all certificates, which holds the loop for 25 ms, and fails for settings of the
        environment that concern HTTP alone.

        Raises:
            AuthenticationError: the key can't be one.
        """
        key = self.key.reveal()
        # In a header, a line's end would begin another one, or spoil the request; elsewhere the
        # key would stand in an error and in the SDK's log.
        if not key.isascii() or not key.isprintable() or " " in key:
            raise AuthenticationError(
                "The API key has characters that no key has, such as a space or a line's end. "
                "Check what was copied."
            )
        return AsyncCartesia(
            api_key=key,
            base_url=self.base_url,
            websocket_base_url=self.websocket_url,
            http_client=httpx.AsyncClient(transport=httpx.AsyncBaseTransport()),
        )


@cache
def prepare() -> None:
    """Import what the SDK and websockets import when they first connect: about 50 ms. No I/O."""
    handshake.connection_class()
    Endpoint("http://localhost", "ws://localhost", Secret("-")).client().tts  # noqa: B018  (imports)


class _RedactingLogger(logging.LoggerAdapter[logging.Logger]):
    """At DEBUG, websockets logs the handshake's headers, the key among them: not here."""

    def __init__(self, key: Secret) -> None:
        super().__init__(logging.getLogger("cartesia_nb.websockets"), {})
        self._key = key

    def log(self, level: int, msg: object, *args: object, **kwargs: object) -> None:
        if self.isEnabledFor(level):
            text = str(msg) % args if args else str(msg)
            exc_info = bool(kwargs.get("exc_info", False))
            self.logger.log(level, "%s", self._key.redact(text), exc_info=exc_info)

    def process(
        self, msg: object, kwargs: MutableMapping[str, object]
    ) -> tuple[object, MutableMapping[str, object]]:
        return msg, kwargs


class Socket:
    """An open WebSocket. For the network loop alone."""

    def __init__(self, connection: AsyncTTSResourceConnection, key: Secret) -> None:
        self._connection = connection
        self._key = key

    @classmethod
    async def open(cls, endpoint: Endpoint, timeout: float) -> Socket:
        """Connect and shake hands.

        Raises:
            AuthenticationError: the server refused the key.
            ConnectError: there is no such server, or it did not answer within ``timeout`` s.
        """
        options = {
            # A frame over websockets' 1 MiB would kill the socket.
            "max_size": None,
            # PCM hardly compresses, and compressing costs latency.
            "compression": None,
            "logger": _RedactingLogger(endpoint.key),
            "create_connection": handshake.connection_class(),
            # A proxy of the environment leads away from this machine.
            **({"proxy": None} if endpoint.loopback else {}),
            "open_timeout": timeout,
            "close_timeout": 1,
        }
        # A fresh manager for each attempt: the SDK's caches its connection, also a dead one.
        manager = endpoint.client().tts.websocket_connect(
            # The SDK passes every option on to websockets' connect; its type names a few.
            websocket_connection_options=cast("WebsocketConnectionOptions", options)
        )
        try:
            connection = await asyncio.wait_for(manager.enter(), timeout)
        except Exception as fault:  # translated, never swallowed
            raise handshake.connect_error(fault, endpoint, timeout) from None
        return cls(connection, endpoint.key)

    async def send(self, message: dict[str, Json]) -> None:
        """Send one message.

        Raises:
            ConnectionLostError: the socket is closed.
        """
        from websockets.exceptions import ConnectionClosed

        try:
            # The SDK's send() would reconnect by itself, which is broken in 4.2.
            await self._connection._connection.send(json.dumps(message))
        except ConnectionClosed as closed:
            raise self._lost(closed) from None

    async def receive(self) -> WebsocketResponse:
        """The next message.

        Raises:
            ConnectionLostError: the socket closed, or a message can't be read.
        """
        from websockets.exceptions import ConnectionClosed

        try:
            raw = await self._connection.recv_bytes()
        except ConnectionClosed as closed:
            raise self._lost(closed) from None
        try:
            event = self._connection.parse_event(raw)
            if event.type == "error":  # what is no JSON object has no such attribute
                self._redact(event)
            return event
        except Exception:  # the SDK parses whatever comes, and breaks in its own ways
            # Cut after redacting: half a key would not be known for one.
            shown = self._key.redact(raw.decode("utf-8", "replace"))[:60]
            raise ConnectionLostError(
                f"The server sent a message that is not of Cartesia's protocol: {shown!r}."
            ) from None

    def _redact(self, event: WebsocketResponse) -> None:
        """A server may repeat the key in what it complains of."""
        for name in ("title", "message", "error_code", "request_id", "doc_url"):
            said = getattr(event, name, None)
            if isinstance(said, str):
                setattr(event, name, self._key.redact(said))

    async def ping(self, timeout: float) -> bool:
        """Whether the other side answers a ping within ``timeout`` seconds."""

        async def ping() -> None:
            await (await self._connection._connection.ping())

        # Not cut short while it waits to be sent: that would take the socket with it.
        asking = asyncio.ensure_future(ping())
        asking.add_done_callback(lambda task: task.cancelled() or task.exception())
        answered, _ = await asyncio.wait([asking], timeout=timeout)
        return bool(answered) and not asking.cancelled() and asking.exception() is None

    async def close(self, timeout: float) -> None:
        """Close, within ``timeout`` seconds; the other side need not answer."""
        try:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._connection.close(), timeout)
        finally:  # also when this is cancelled: who does not answer would keep it open for ever
            self._connection._connection.transport.abort()

    def _lost(self, closed: Exception) -> ConnectionLostError:
        received = getattr(closed, "rcvd", None)
        if received is None:
            how = "The connection to the server was lost"
        else:
            reason = f": {self._key.redact(received.reason)}" if received.reason else ""
            how = f"The server closed the connection (code {received.code}{reason})"
        return ConnectionLostError(
            f"{how} before the speech was complete. What came is kept; say it again.",
            code=None if received is None else received.code,
        )
