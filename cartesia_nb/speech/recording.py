"""What is known of a piece of speech, as it comes: the writing side of a take."""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from cartesia_nb.errors import CartesiaNbError
from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.levels import Levels
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.store import ByteStore
from cartesia_nb.speech.timeline import Timeline

State = Literal["connecting", "speaking", "done", "cancelled", "failed"]
ENDED: tuple[State, ...] = ("done", "cancelled", "failed")

_log: Final = logging.getLogger(__name__)

Change = Literal["state", "text", "audio", "words", "phonemes", "heard"]
Listener = Callable[[Change], None]


def _nothing() -> None:
    pass


class Word(NamedTuple):
    """A word, or a phoneme, and when it sounds, in seconds from the take's beginning."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Entry:
    """One thing received, in the order of its coming; ``index`` says which of its kind."""

    kind: Literal["chunk", "timestamps", "phoneme_timestamps", "flush_done"]
    index: int
    count: int
    flush_id: int | None


class Recording:
    """The text, the bytes, the words and the state of one piece of speech.

    Written on the network loop alone, read from any thread. Waiters use ``changed``;
    listeners are called on the network loop after each change.

    Attributes:
        id: the context's id, and the take's.
        settings: what shaped it.
        backend: who speaks.
        state: where it stands.
        error: why it failed, or ``None``.
        store: the PCM bytes as they came.
        levels: how loud they are; where speech begins. Not for the network loop.
        timeline: when each chunk came.
        words: words so far; ``phonemes`` likewise.
        entries: everything received, in order.
        heard: seconds that some page reported as heard, or ``None``.
        heard_whole: whether some page reported hearing the end.
        cancel: asks the server to stop; any thread. Does nothing for a take from a file.
        live: whether a source is still at work that may give more text.
        patience: seconds without any change after which nobody need wait for one any longer.
        fed_by: the loop that an async source of text runs on, while it does.
        looked_at: whether somebody was told of the error.
        changes: a count of the changes so far.
    """

    def __init__(
        self, settings: Settings, backend: Backend, *, context_id: str | None = None
    ) -> None:
        self.id = context_id if context_id is not None else uuid.uuid4().hex
        self.settings = settings
        self.backend = backend
        self.state: State = "connecting"
        self.error: CartesiaNbError | None = None
        self.store = ByteStore()
        self.levels = Levels(self.store, settings.encoding, settings.sample_rate)
        self.timeline = Timeline(settings.sample_rate, settings.bytes_per_sample)
        self.words: list[Word] = []
        self.phonemes: list[Word] = []
        self.entries: list[Entry] = []
        self.heard: float | None = None
        self.heard_whole = False
        self.cancel: Callable[[], None] = _nothing
        self.live = False
        self.patience = 60.0
        self._before: Callable[[], int] | None = None
        self.fed_by: asyncio.AbstractEventLoop | None = None
        self.looked_at = False
        self.changes = 0
        self.changed = threading.Condition()
        self._pieces: list[str] = []
        self.timeline.speaks(self.words, self._pieces)
        self._listeners: tuple[Listener, ...] = ()

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._pieces)

    @property
    def waiting(self) -> int | None:
        """How many contexts are to come before it; ``None`` when it does not wait its turn."""
        before = self._before
        return None if before is None else before()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ENDED

    def restore(
        self,
        *,
        text: str,
        pcm: bytes,
        words: Sequence[Word],
        phonemes: Sequence[Word],
        timeline: Timeline,
        state: State,
        error: CartesiaNbError | None,
    ) -> None:
        """Fill a fresh recording with a saved one. Before anybody else has it."""
        self._pieces = [text]
        self.store.append(pcm)
        self.words, self.phonemes = list(words), list(phonemes)
        self.timeline = timeline
        timeline.speaks(self.words, self._pieces)
        self.state, self.error = state, error

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have ``listener`` called on the network loop after each change; returns the way out."""
        with self.changed:
            self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            with self.changed:
                self._listeners = tuple(x for x in self._listeners if x is not listener)

        return unsubscribe

    def give(self, now: float) -> None:
        """Who speaks gives a piece of text now; only the first one counts. Any thread."""
        if self.timeline.given is None:
            self.timeline.given = now

    # The rest is for the network loop alone.

    def add_text(self, piece: str) -> None:
        """A piece of text was given."""
        self._pieces.append(piece)
        self._tell("text")

    def queue(self, before: Callable[[], int] | None) -> None:
        """It waits its turn, behind so many; with ``None`` it does not any more."""
        if (self._before is None) != (before is None):
            self._before = before
            self._tell("state")

    def again(self) -> None:
        """Its text is to be sent again."""
        if self.state == "speaking" and not self.store.size:
            self.state = "connecting"
            self._tell("state")

    def begin(self) -> None:
        """The server has the first text."""
        if self.state == "connecting":
            self.state = "speaking"
            self._tell("state")

    def add_audio(
        self, pcm: bytes, *, received: float, step_time: float | None, flush_id: int | None
    ) -> None:
        """A chunk came. Times in seconds of ``time.monotonic``; ``step_time`` in ms."""
        if self.ended or not pcm:
            return
        self.store.append(pcm)
        chunk = self.timeline.add_chunk(
            len(pcm), received=received, step_time=step_time, flush_id=flush_id
        )
        self.entries.append(Entry("chunk", chunk.index, 1, flush_id))
        self._tell("audio")

    def add_words(self, words: Sequence[Word], flush_id: int | None) -> None:
        """Times of words came."""
        self._add_times("timestamps", self.words, words, flush_id)

    def add_phonemes(self, phonemes: Sequence[Word], flush_id: int | None) -> None:
        """Times of phonemes came."""
        self._add_times("phoneme_timestamps", self.phonemes, phonemes, flush_id)

    def _add_times(
        self,
        kind: Literal["timestamps", "phoneme_timestamps"],
        to: list[Word],
        new: Sequence[Word],
        flush_id: int | None,
    ) -> None:
        if self.ended or not new:
            return
        self.entries.append(Entry(kind, len(to), len(new), flush_id))
        to.extend(new)
        self._tell("words" if kind == "timestamps" else "phonemes")

    def add_flush_done(self, flush_id: int | None) -> None:
        """All audio of a flush has come."""
        self.entries.append(Entry("flush_done", 0, 0, flush_id))
        self._tell("state")

    def end(self, state: State, now: float, error: CartesiaNbError | None = None) -> None:
        """Nothing more will come. Only the first end counts."""
        if self.ended:
            return
        self.error = error
        self.cancel = _nothing  # what it called holds this recording: no cycle is left behind
        self.timeline.ended = now
        self.state = state
        self._tell("state")

    def add_heard(self, position: float, *, whole: bool) -> None:
        """A page reported how far it was heard, in seconds."""
        self.heard = max(position, self.heard or 0.0)
        self.heard_whole = self.heard_whole or whole
        self._tell("heard")

    def _tell(self, change: Change) -> None:
        with self.changed:
            self.changes += 1
            self.changed.notify_all()
        for listener in self._listeners:
            try:
                listener(change)
            except Exception:  # what was received must not be lost by who listens
                _log.exception("A listener of take %s failed", self.id)
