"""Counts the characters that are sent to be spoken, and stops what would be one too many."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import httpx
from websockets.asyncio.connection import Connection as AsyncConnection
from websockets.sync.connection import Connection


class OverLimitError(Exception):
    """More characters were to be sent than were said beforehand; the request was not sent."""


def characters(message: object) -> int:
    """How many characters a message asks to have spoken.

    Args:
        message: what goes into a socket or a request's body: JSON as text or bytes, or anything.
    """
    if not isinstance(message, str | bytes):
        return 0
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError):
        return 0
    transcript = fields.get("transcript") if isinstance(fields, dict) else None
    return len(transcript) if isinstance(transcript, str) else 0


class Meter:
    """What was sent while it was in place, whoever sent it: any thread.

    Args:
        limit: the most characters it lets through; ``None``: as many as come.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.sent = 0
        self._lock = threading.Lock()

    def count(self, message: object) -> None:
        """Count a message that is about to be sent.

        Raises:
            OverLimitError: it would exceed the limit.
        """
        with self._lock:
            after = self.sent + characters(message)
            if self.limit is not None and after > self.limit:
                raise OverLimitError(
                    f"This would be {after} characters, and {self.limit} were said beforehand. "
                    "It was not sent."
                )
            self.sent = after

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Count everything that this process sends by websockets and httpx, the SDK's included."""
        # What is passed on is whatever the original takes.
        socket_send, client_send = Connection.send, httpx.Client.send
        async_socket_send, async_client_send = AsyncConnection.send, httpx.AsyncClient.send

        def by_socket(connection: Connection, message: Any, *rest: Any, **named: Any) -> None:
            self.count(message)
            socket_send(connection, message, *rest, **named)

        def by_client(client: httpx.Client, request: httpx.Request, **named: Any) -> httpx.Response:
            self.count(request.read())
            return client_send(client, request, **named)

        async def by_async_socket(
            connection: AsyncConnection, message: Any, *rest: Any, **named: Any
        ) -> None:
            self.count(message)
            await async_socket_send(connection, message, *rest, **named)

        async def by_async_client(
            client: httpx.AsyncClient, request: httpx.Request, **named: Any
        ) -> httpx.Response:
            self.count(await request.aread())
            return await async_client_send(client, request, **named)

        with (
            mock.patch.object(Connection, "send", by_socket),
            mock.patch.object(httpx.Client, "send", by_client),
            mock.patch.object(AsyncConnection, "send", by_async_socket),
            mock.patch.object(httpx.AsyncClient, "send", by_async_client),
        ):
            yield
