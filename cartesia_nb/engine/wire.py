"""Tornado's WebSocket with a line before it that can be bad, and an end that can be rude.

Tornado offers no place between its frames and the stream, so two of its inner methods are
overridden; the tests see to it that they are still called.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
from typing import Final

from tornado.websocket import WebSocketHandler, WebSocketProtocol13

from cartesia_nb.engine.line import Line

_CLOSE: Final = 0x8
_PONG: Final = 0xA
_PATIENCE: Final = 1.0
"""Seconds that a client which was dropped has to see that the stream has ended."""


class Wire(WebSocketProtocol13):
    """A WebSocket's frames, carried by a line.

    Args:
        handler: whose socket it is.
        usual: what tornado would have taken.
        line: the way out. Close frames go beside it: a client that leaves need not wait, and
            a close of ours comes when the line is empty.
    """

    def __init__(self, handler: WebSocketHandler, usual: WebSocketProtocol13, line: Line) -> None:
        super().__init__(handler, usual.mask_outgoing, usual.params)
        self._line = line
        self._deaf = False

    def hang_up(self, code: int, reason: str) -> None:
        """Close once all that was sent is through; send nothing more."""

        async def close() -> None:
            self.close(code, reason)

        self._line.end(close)

    def drop(self) -> None:
        """End the TCP stream, without a close frame, once all that was sent is through.

        Only our direction at first: a stream that is closed while the client's bytes are still
        unread is reset, and the client would lose what it has not read yet.
        """
        self._deaf = True

        async def end() -> None:
            await self.stream.write(b"")  # Done when all before it is with the kernel.
            with contextlib.suppress(OSError):  # The client may be faster.
                self.stream.socket.shutdown(socket.SHUT_WR)
            asyncio.get_running_loop().call_later(_PATIENCE, self.stream.close)

        self._line.end(end)

    def go_half_open(self) -> None:
        """Send nothing more, not even pongs, ignore what comes, and keep the TCP stream open."""
        self._deaf = True

        async def nothing() -> None:
            pass

        self._line.end(nothing)

    def _write_frame(
        self, fin: bool, opcode: int, data: bytes, flags: int = 0
    ) -> asyncio.Future[None]:
        write = functools.partial(super()._write_frame, fin, opcode, data, flags)
        if opcode == _CLOSE:
            return write()
        return self._line.carry(write, len(data), opcode == _PONG)

    def _handle_message(self, opcode: int, data: bytes) -> asyncio.Future[None] | None:
        return None if self._deaf else super()._handle_message(opcode, data)
