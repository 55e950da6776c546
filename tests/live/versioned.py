"""A server that is told the version of the protocol, as Cartesia wants it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from cartesia_nb.protocol.limits import API_VERSION
from tests.engine.talk import Server


class Versioned(Server):
    """Says which version it speaks in plain requests too; the SDK does so by itself.

    Source: https://docs.cartesia.ai/api-reference, "Always send a Cartesia-Version header".
    """

    def http(self, **headers: str) -> httpx.Client:
        return super().http(**({"Cartesia-Version": API_VERSION} | headers))

    @contextmanager
    def socket(self) -> Iterator[Connection]:
        with connect(
            f"{self.websocket_url}/tts/websocket?cartesia_version={API_VERSION}",
            additional_headers={"Authorization": f"Bearer {self.key}"},
            max_size=None,
            proxy=None,
        ) as socket:
            yield socket

    def __repr__(self) -> str:
        # A failed test shows its arguments, and the key is among the fields.
        return f"Versioned({self.url!r})"
