"""One take's way to the page: what has left, and what is to leave next. No I/O."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from cartesia_nb.speaker import messages
from cartesia_nb.speaker.pacing import MAX_MESSAGE_BYTES
from cartesia_nb.speech.recording import Recording

PROGRESS_S: Final = 1.0


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
    """

    def __init__(self, recording: Recording, *, play: bool, interrupt: bool = False) -> None:
        self.recording = recording
        self.play = play
        self._interrupt = interrupt
        self._opened = False
        self._bytes = 0
        self._text = ""
        self._words = 0
        self._phonemes = 0
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
        recording, take = self.recording, self.recording.id
        if self.finished:
            return None
        if not self._opened:
            self._opened = True
            self._told(now)
            return Parcel(
                messages.open_(recording, play=self.play, interrupt=self._interrupt, now=now)
            )
        if self._bytes == 0 and recording.store.size:
            return self._audio(now)
        if len(recording.words) > self._words and recording.text != self._text:
            # The text before its words, so that the page can place them in it.
            self._told(now)
            return Parcel(messages.progress(recording, now=now))
        if len(recording.words) > self._words:
            index, self._words = self._words, len(recording.words)
            return Parcel(
                messages.words(take, index, recording.words[index : self._words], now=now)
            )
        if len(recording.phonemes) > self._phonemes:
            index, self._phonemes = self._phonemes, len(recording.phonemes)
            rows = recording.phonemes[index : self._phonemes]
            return Parcel(messages.phonemes(take, index, rows, now=now))
        if recording.store.size > self._bytes:
            return self._audio(now)
        if recording.ended:
            self.finished = True
            return Parcel(messages.end(recording, now=now))
        if self._standing() != self._stood or now - self._progress_at >= PROGRESS_S:
            self._told(now)
            return Parcel(messages.progress(recording, now=now))
        return None

    def _told(self, now: float) -> None:
        self._stood, self._text = self._standing(), self.recording.text
        self._progress_at = now

    def _standing(self) -> tuple[str, bool]:
        return self.recording.state, self.recording.waiting is not None

    def _audio(self, now: float) -> Parcel:
        offset = self._bytes
        pcm = self.recording.store.read(offset, offset + MAX_MESSAGE_BYTES)
        self._bytes += len(pcm)
        return Parcel(messages.audio(self.recording.id, offset, now=now), pcm)

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
                yield Parcel(messages.audio(take, offset, now=time.monotonic()), pcm)
        if recording.ended:
            yield Parcel(messages.end(recording, now=time.monotonic()))
