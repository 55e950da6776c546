"""The stage of ``tests/browser/alone.py``, fed by a socket: each message when it leaves the kernel.

Takes go through the Speaker's own ``Dispatch``, with its bound, on the network loop; a WebSocket
takes each message to the page and the page's back. Nothing waits for Python's side of the browser.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable
from types import TracebackType

from playwright.sync_api import Error
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from cartesia_nb.speaker import messages
from cartesia_nb.speaker.dispatch import Dispatch
from cartesia_nb.speaker.lane import Lane
from cartesia_nb.speech import loops
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.take import Take
from tests.browser.alone import Alone

# `wire.ears` are told of each message first, in the same task.
_CONNECT = """(port) => new Promise((connected, failed) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  socket.binaryType = 'arraybuffer';
  const wire = globalThis.wire = { ears: [] };
  socket.onopen = connected;
  socket.onerror = () => failed(new Error('no wire'));
  socket.onmessage = ({ data }) => {
    const size = new DataView(data).getUint32(0, true);
    const message = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, size)));
    const pcm = data.slice(4 + size);
    for (const ear of wire.ears) ear(message, pcm);
    alone.kernel.fire('msg:custom', message, message.type === 'audio' ? [new DataView(pcm)] : []);
  };
  const keep = alone.kernel.send;
  alone.kernel.send = (message) => { keep(message); socket.send(JSON.stringify(message)); };
})"""


class Wire:
    """One page's way to the kernel.

    Args:
        alone: the page.
        sound: what is sent in place of each message's PCM, if something else is; as many bytes.
    """

    def __init__(self, alone: Alone, sound: Callable[[bytes], bytes] | None = None) -> None:
        self._sound = sound
        self._known: dict[str, Recording] = {}
        self._dispatch = Dispatch(self._send)
        self._poured: dict[str, Lane] = {}
        self._socket: ServerConnection | None = None
        self._there = threading.Event()
        self._server = serve(self._listen, "127.0.0.1", 0, compression=None, max_size=None)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        # The stage's page came from no address; Chromium asks whether such may reach this machine.
        with contextlib.suppress(Error):  # One that does not ask does not know the name.
            alone.page.context.grant_permissions(["local-network-access"])
        alone.page.evaluate(_CONNECT, self._server.socket.getsockname()[1])
        assert self._there.wait(10), "the page's socket did not come"

    def carry(self, take: Take, *, play: bool) -> None:
        """Carry a take to the page, as it grows from now on."""
        recording = take._recording
        self._known[take.id] = recording
        loops.call(self._dispatch.add, recording, play=play)

    def pour(self, recording: Recording) -> None:
        """Carry a finished take at once, without the dispatch's bound; so are its answers."""
        self._poured[recording.id] = lane = Lane(recording, play=False)
        loops.call(self._empty, lane)

    def close(self) -> None:
        """Nothing is carried any more."""
        self._server.shutdown()
        self._thread.join(10)

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _listen(self, socket: ServerConnection) -> None:
        self._socket = socket
        self._there.set()
        with contextlib.suppress(ConnectionClosed):
            for text in socket:
                message = messages.parse(json.loads(text))
                if message is not None:
                    loops.call(self._received, message)

    # From here on: the network loop alone.

    def _send(self, message: messages.Message, buffer: bytes | None) -> None:
        if buffer is not None and self._sound is not None:
            buffer = self._sound(buffer)
        said = json.dumps(message).encode()
        assert self._socket is not None
        with contextlib.suppress(ConnectionClosed):
            self._socket.send(len(said).to_bytes(4, "little") + said + (buffer or b""))

    def _empty(self, lane: Lane) -> None:
        while parcel := lane.next(time.monotonic()) or lane.next_answer():
            self._send(parcel.message, parcel.buffer)

    def _received(self, message: messages.FromPage) -> None:
        if isinstance(message, messages.Need) and message.take in self._poured:
            lane = self._poured[message.take]
            lane.ask(message)
            self._empty(lane)
        elif isinstance(message, messages.Need):
            self._dispatch.ask(message, self._known.get(message.take))
        elif isinstance(message, messages.Heard):
            self._dispatch.hearing(message.take)
