"""One take's way to the page: what has left, and what is to leave next. No I/O."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from cartesia_nb.speaker import messages
from cartesia_nb.speaker.pacing import MAX_MESSAGE_BYTES
from cartesia_nb.speech.recording import Recording

PROGRESS_S: Final = 1.0
CHUNKS_S: Final = 0.5
"""Seconds between two messages that tell a live take's chunks."""
MAX_ROWS: Final = 2_000
"""Chunks in one message: about 64 KB of JSON."""


ClocksAt = Callable[[float], messages.Clocks]


def no_clocks(now: float) -> messages.Clocks:
    """No page's clock is known."""
    return {}


class Parcel(NamedTuple):
    """A message and its buffer, if it has one."""

    message: messages.Message
    buffer: bytes | None = None


class Lane:
    """What the page has been sent of one take, live, and what it asked for again.

    For the network loop alone.

    Args:
        recording: the take.
        play: whether it starts by itself in the page, in its turn.
        interrupt: whether it silences what is playing or queued first.
        clocks: what the pages' clocks are behind this process's at a moment of it.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        play: bool,
        interrupt: bool = False,
        clocks: ClocksAt = no_clocks,
    ) -> None:
        self.recording = recording
        self._clocks = clocks
        self.play = play
        self._interrupt = interrupt
        self._opened = False
        self._bytes = 0
        self._text = ""
        self._words = 0
        self._phonemes = 0
        self._chunks = 0
        self.chunks_at = -math.inf
        """When rows of its chunks left last."""
        # How many words the text that was told has room for.
        self._placed = 0
        self._phonemes_next = False
        # Whether something about the sound has left since the last of the sound itself.
        self._marked = False
        self._live = not recording.ended
        self._stood = ("", False)
        self._progress_at = 0.0
        self._answers: deque[Iterator[Parcel]] = deque()
        self.finished = False
        """Whether the take is over and all of it has left once."""

    @property
    def urgent(self) -> bool:
        """Whether its beginning is still to leave."""
        waiting = not self._opened or (self._bytes == 0 and self.recording.store.size > 0)
        return waiting and not self.finished

    def next(self, now: float) -> Parcel | None:
        """The next live message, or ``None`` if there is none yet."""
        recording = self.recording
        if self.finished:
            return None
        if not self._opened:
            self._opened = True
            self._told(now)
            return Parcel(
                messages.open_(recording, play=self.play, interrupt=self._interrupt, now=now)
            )
        audio = recording.store.size > self._bytes
        # Sound goes before a second message about it: words that come quicker than messages may
        # leave are joined meanwhile, and never keep it waiting.
        if audio and (self._bytes == 0 or self._marked):
            return self._audio(now)
        marks = self._marks(now)
        if marks is not None:
            self._marked = True
            return marks
        if audio:
            return self._audio(now)
        if recording.ended:
            if self._chunks < messages.countable(recording.timeline):
                return self._new_rows(now)
            self.finished = True
            return Parcel(messages.end(recording, now=now))
        if self._standing() != self._stood or now - self._progress_at >= PROGRESS_S:
            return self._progress(now)
        return None

    def _marks(self, now: float) -> Parcel | None:
        """Words or phonemes, in turn where both wait."""
        first, second = self._next_words, self._next_phonemes
        if self._phonemes_next:
            first, second = second, first
        return first(now) or second(now)

    def _next_words(self, now: float) -> Parcel | None:
        words = self.recording.words
        if len(words) == self._words:
            return None
        # The text before its words, so that the page can place them in it.
        if self._placed == self._words and self.recording.text != self._text:
            return self._progress(now)
        index = self._words
        self._words = self._placed if self._placed > index else len(words)
        self._phonemes_next = True
        return Parcel(messages.words(self.recording.id, index, words[index : self._words], now=now))

    def _next_phonemes(self, now: float) -> Parcel | None:
        index, self._phonemes = self._phonemes, len(self.recording.phonemes)
        rows = self.recording.phonemes[index : self._phonemes]
        if not rows:
            return None
        self._phonemes_next = False
        return Parcel(messages.phonemes(self.recording.id, index, rows, now=now))

    def next_chunks(self, now: float) -> Parcel | None:
        """When chunks of a live take were received, twice a second; ``None`` if it is not time.

        Apart from ``next``, since it may never keep audio waiting. What is left of it when the
        take ends leaves with ``next``, before the end.
        """
        told = self._chunks == messages.countable(self.recording.timeline)
        # Not before the beginning has left; what follows it may wait long where many speak.
        early = self._bytes == 0
        if self.finished or told or early or now - self.chunks_at < CHUNKS_S:
            return None
        return self._new_rows(now)

    def _new_rows(self, now: float) -> Parcel:
        index = self._chunks
        self._chunks = min(index + MAX_ROWS, messages.countable(self.recording.timeline))
        self.chunks_at = now
        return self._rows(index, now)

    def _rows(self, index: int, now: float) -> Parcel:
        timeline = self.recording.timeline
        rows = timeline.between(index, min(index + MAX_ROWS, messages.MAX_CHUNKS))
        return Parcel(
            messages.chunks(
                self.recording.id,
                index,
                rows,
                requested=timeline.requested,
                now=now,
                clocks=self._clocks(now),
            )
        )

    def _progress(self, now: float) -> Parcel:
        self._told(now)
        self._placed = len(self.recording.words)
        return Parcel(messages.progress(self.recording, chunks=self._chunks, now=now))

    def _told(self, now: float) -> None:
        self._stood, self._text = self._standing(), self.recording.text
        self._progress_at = now

    def _standing(self) -> tuple[str, bool]:
        return self.recording.state, self.recording.waiting is not None

    def _audio(self, now: float) -> Parcel:
        offset = self._bytes
        pcm = self.recording.store.read(offset, offset + MAX_MESSAGE_BYTES)
        self._bytes += len(pcm)
        self._marked = False
        if self._live:
            self.recording.timeline.add_sent(self._bytes, now)
        message = messages.audio(self.recording.id, offset, live=self._live, now=now)
        return Parcel(message, pcm)

    def ask(self, need: messages.Need) -> None:
        """A page asks for parts of the take."""
        self._answers.append(self._answer(need))

    @property
    def asked(self) -> bool:
        """Whether a page still waits for something."""
        return bool(self._answers)

    def next_answer(self) -> Parcel | None:
        """The next message that a page asked for, or ``None``."""
        while self._answers:
            parcel = next(self._answers[0], None)
            if parcel is not None:
                return parcel
            self._answers.popleft()
        return None

    def _answer(self, need: messages.Need) -> Iterator[Parcel]:
        recording, take = self.recording, self.recording.id
        yield Parcel(
            messages.open_(recording, play=self.play, interrupt=False, now=time.monotonic())
        )
        if need.words is not None and recording.words[need.words :]:
            rows = recording.words[need.words :]
            yield Parcel(messages.words(take, need.words, rows, now=time.monotonic()))
        if need.phonemes is not None and recording.phonemes[need.phonemes :]:
            rows = recording.phonemes[need.phonemes :]
            yield Parcel(messages.phonemes(take, need.phonemes, rows, now=time.monotonic()))
        for start, stop in need.ranges:
            stop = recording.store.size if stop is None else min(stop, recording.store.size)
            for offset in range(start, stop, MAX_MESSAGE_BYTES):
                pcm = recording.store.read(offset, min(stop, offset + MAX_MESSAGE_BYTES))
                yield Parcel(messages.audio(take, offset, live=False, now=time.monotonic()), pcm)
        if need.chunks is not None:
            for index in range(need.chunks, messages.countable(recording.timeline), MAX_ROWS):
                yield self._rows(index, time.monotonic())
        if recording.ended:
            yield Parcel(messages.end(recording, now=time.monotonic()))
