"""A context's samples on their way out: cut into chunks, encoded, paced.

On the server's loop only.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import numpy as np

from cartesia_nb.engine import events
from cartesia_nb.engine.alignment import Span
from cartesia_nb.engine.control import Control
from cartesia_nb.engine.mishaps import Mishaps, Spared
from cartesia_nb.engine.pacing import Pacer
from cartesia_nb.engine.requests import Generation
from cartesia_nb.engine.synth import Spoken
from cartesia_nb.protocol.encodings import Samples, encode

CHUNK: Final = 0.08
"""Audio in a chunk, in seconds; the last before a wait may be shorter."""


class AudioOut:
    """Chunks of one context, each sent when it is due, after the timestamps of what it holds.

    Args:
        first: the request that opened the context: its format and id.
        control: the pace, and whether last chunks are held back.
        send: takes an event to the client.
        mishaps: what goes wrong on purpose.
    """

    def __init__(
        self,
        first: Generation,
        control: Control,
        send: Callable[[events.Event], Awaitable[None]],
        mishaps: Mishaps | Spared,
    ) -> None:
        self.flush_id = 0
        """The flushes before what is given from here on."""
        self._first = first
        self._rate = first.sample_rate
        self._size = round(CHUNK * first.sample_rate)
        self._control = control
        self._send = send
        self._mishaps = mishaps
        self._index = 0
        self._pacer = Pacer(control.first_audio_ms / 1000, control.speedup)
        self._samples: Samples = np.zeros(0, np.float32)
        self._sent = 0
        self._words: deque[Span] = deque()
        self._phonemes: deque[Span] = deque()
        self._step = time.monotonic()
        self.unsettled = False
        """Whether samples were added since all was sent."""

    def requested(self, now: float) -> None:
        """A request came: the time until the next chunk counts from here, if all was sent."""
        if not self.unsettled:
            self._step = now

    def resume(self, now: float) -> None:
        """Text to speak came at ``now``, after nothing had been left to say."""
        self._pacer.start(now)

    def add(self, spoken: Spoken) -> None:
        """Samples that follow those before, and what is spoken there."""
        if self._first.add_timestamps:
            self._words.extend(spoken.words)
        if self._first.add_phoneme_timestamps:
            self._phonemes.extend(spoken.phonemes)
        self._samples = np.concatenate([self._samples, spoken.samples])
        self.unsettled = True

    async def send_whole_chunks(self) -> None:
        """Send what makes whole chunks, each when it is due.

        While last chunks are held back one stays here: it may turn out to be the last.
        """
        keep = self._size if self._control.hold_last_chunk else 0
        while len(self._samples) >= self._size + keep:
            await self._send_chunk(self._size)

    async def settle(self, rest: Samples) -> None:
        """Send everything, with ``rest`` after it: nothing follows for now."""
        self._samples = np.concatenate([self._samples, rest])
        self.unsettled = False
        await self.send_whole_chunks()
        if not self._control.hold_last_chunk:
            await self._send_last()

    async def flush(self) -> None:
        """Send what waits, held back or not: the client is told that all was sent."""
        while len(self._samples) >= self._size:
            await self._send_chunk(self._size)
        await self._send_last()

    async def finish(self, rest: Samples) -> None:
        """Send everything, with ``rest`` after it: nothing follows at all.

        The last chunk waits for as long as last chunks are held back.
        """
        self._samples = np.concatenate([self._samples, rest])
        await self.send_whole_chunks()
        await self._control.released()
        await self.flush()

    async def _send_last(self) -> None:
        if len(self._samples):
            await self._send_chunk(len(self._samples))
        await self._send_timestamps(float("inf"))

    async def _send_chunk(self, size: int) -> None:
        wait = self._pacer.due - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        await self._mishaps.meet(self._index)
        self._index += 1
        early = self._mishaps.timestamps_early
        await self._send_timestamps(float("inf") if early else (self._sent + size) / self._rate)
        samples, self._samples = self._samples[:size], self._samples[size:]
        pcm = encode(samples, self._first.encoding)
        now = time.monotonic()
        step, self._step = (now - self._step) * 1000, now
        self._sent += size
        self._pacer.sent(size / self._rate)
        for part in self._mishaps.parts(pcm):
            event = events.chunk(self._first.context_id, part, round(step, 3), self.flush_id)
            await self._send(self._mishaps.swollen(event))
            step = 0.0

    async def _send_timestamps(self, end: float) -> None:
        """Tell which words and phonemes begin before ``end`` seconds, if not told yet."""
        context_id = self._first.context_id
        words, phonemes = _taken(self._words, end), _taken(self._phonemes, end)
        if self._mishaps.timestamps_missing:
            return
        if words:
            await self._send(events.word_timestamps(context_id, words, self.flush_id))
        if phonemes:
            await self._send(events.phoneme_timestamps(context_id, phonemes, self.flush_id))


def _taken(spans: deque[Span], end: float) -> list[Span]:
    taken: list[Span] = []
    while spans and spans[0].start < end:
        taken.append(spans.popleft())
    return taken
