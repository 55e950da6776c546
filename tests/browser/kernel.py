"""A real Speaker for the page of ``alone.py``, as a kernel has it, over a socket.

    with Kernel(alone) as kernel:
        kernel.carry(take, play=True)

Its messages leave when they leave, and the page's are received when they come, whatever the test
is waiting for.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from cartesia_nb.speaker import messages
from cartesia_nb.speaker.speaker import Speaker
from cartesia_nb.speech.take import Take
from tests.benchmarks.wire import Wire
from tests.browser.alone import Alone


class Kernel(Wire):
    """The kernel's side of one page.

    Args:
        alone: the page.
    """

    def __init__(self, alone: Alone) -> None:
        self.speaker = Speaker()
        self.speaker.send = self._to_page
        super().__init__(alone)
        # What the page said before the socket was there.
        for message in alone.sent():
            self.speaker._handle_custom_msg(message, [])

    def __enter__(self) -> Kernel:
        return self

    def carry(self, take: Take, *, play: bool) -> None:
        """Carry a take to the page, as it grows from now on."""
        self.speaker.carry(take._recording, play=play)

    def close(self) -> None:
        """Nothing is carried any more."""
        super().close()
        self.speaker.close()

    def _to_page(self, content: messages.Message, buffers: Sequence[bytes] | None = None) -> None:
        self._send(content, None if buffers is None else buffers[0])

    def _listen(self, socket: ServerConnection) -> None:
        self._socket = socket
        self._there.set()
        with contextlib.suppress(ConnectionClosed):
            for text in socket:
                self.speaker._handle_custom_msg(json.loads(text), [])
