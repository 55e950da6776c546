"""When each thing happened to a take, in the kernel.

All moments are ``time.monotonic()`` of the process that received the take, in seconds; only
differences mean anything. A moment that was not observed is ``None``.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from cartesia_nb.speech.listening import Listening, PageClock

if TYPE_CHECKING:
    from cartesia_nb.speech.recording import Word
    from cartesia_nb.speech.records import Record

MAX_LISTENINGS: Final = 64
"""Listenings of one take that are kept: the first ones, which the figures are made of."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of audio as it was received.

    Attributes:
        index: 0 for the first.
        offset: bytes of the take before this chunk.
        size: its bytes; need not be whole samples.
        start: seconds of the take before the first sample that this chunk completes.
        duration: seconds of audio that this chunk completes.
        received: when it was received.
        step_time: milliseconds the server says it took, or ``None``.
        flush_id: the server's count of flushes, or ``None``.
    """

    index: int
    offset: int
    size: int
    start: float
    duration: float
    received: float
    step_time: float | None = None
    flush_id: int | None = None

    @property
    def end(self) -> float:
        """Seconds of the take up to and including this chunk."""
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Due:
    """How a chunk met the playback that began with the first chunk and waits when it runs dry.

    Attributes:
        due: the moment at which playback had played everything before this chunk.
        ahead: seconds of audio still unplayed when the chunk was received: ``due - received``.
            Negative when it came too late.
        dry: seconds of silence that waiting for this chunk would have cost; 0.0 if none.
    """

    due: float
    ahead: float
    dry: float


class Push(NamedTuple):
    """Text left at ``at``: with it, ``characters`` of the take's text had been sent."""

    at: float
    characters: int


class Sent(NamedTuple):
    """The bytes from the previous row's ``end`` up to this one's left for the page at ``at``."""

    end: int
    at: float


class Timeline:
    """The moments of one take.

    Written on the network loop only (``add_chunk`` and the attributes); read on any thread.
    ``chunks`` is a consistent snapshot at every moment.

    Attributes:
        created: when the take was made.
        given: when the first piece of its text was given by who speaks, or ``None``.
        requested: when its first text was sent, or ``None``.
        last_text: when its last text was sent, or ``None``.
        connected: since when it had an open connection to be sent on, or ``None``. Where its text
            had to be sent again, that is the connection that its audio came over.
        cold: whether it had to wait for a connection to be opened, that one or one before;
            ``None`` if unknown. Of two takes that wait for the same one, both are cold.
        handshake: seconds from dialling to the open socket of that connection, whenever that was
            and for whichever take; ``None`` if unknown.
        ended: when it was done, cancelled or failed, or ``None``.
        resent: how often its text had to be sent again before any audio came: the connection
            was lost, or the server had no room. ``requested`` is the first time all the same.
        pushes: when which text was sent for the first time, in order.
        sent: when which live bytes left for the page, in order.
        listenings: what pages told of playing it, the first to begin first.
        restored: whether it was read back: its moments may be on another process's clock.
    """

    def __init__(
        self, sample_rate: int, bytes_per_sample: int, *, created: float | None = None
    ) -> None:
        self._sample_rate = sample_rate
        self._bytes_per_sample = bytes_per_sample
        self._lock = threading.Lock()
        self._chunks: list[Chunk] = []
        self.created = time.monotonic() if created is None else created
        self.given: float | None = None
        self.requested: float | None = None
        self.last_text: float | None = None
        self.connected: float | None = None
        self.cold: bool | None = None
        self.handshake: float | None = None
        self.ended: float | None = None
        self.resent = 0
        self._pushes: list[Push] = []
        self._sent: list[Sent] = []
        self.listenings: tuple[Listening, ...] = ()
        self.restored = False
        self._words: Sequence[Word] = ()
        self._pieces: Sequence[str] = ()

    @property
    def sample_rate(self) -> int:
        """Of the take, in Hz."""
        return self._sample_rate

    @property
    def bytes_per_sample(self) -> int:
        """Of the take's encoding."""
        return self._bytes_per_sample

    @property
    def duration(self) -> float:
        """Seconds of audio received so far."""
        with self._lock:
            return self._chunks[-1].end if self._chunks else 0.0

    def sending(self, now: float, characters: int) -> None:
        """Text leaves now; with it, ``characters`` of the take's text have been sent.

        Text that is sent again keeps its first moment. Call on the network loop only.
        """
        if self.requested is None:
            self.requested = now
        self.last_text = now
        with self._lock:
            if characters > (self._pushes[-1].characters if self._pushes else 0):
                self._pushes.append(Push(now, characters))

    @property
    def pushes(self) -> tuple[Push, ...]:
        """When which text was sent for the first time, in order."""
        with self._lock:
            return tuple(self._pushes)

    def add_sent(self, end: int, now: float) -> None:
        """Live audio up to the byte ``end`` leaves for the page. Call on the network loop only."""
        with self._lock:
            if end > (self._sent[-1].end if self._sent else 0):
                self._sent.append(Sent(end, now))

    @property
    def sent(self) -> tuple[Sent, ...]:
        """When which live bytes left for the page, in order."""
        with self._lock:
            return tuple(self._sent)

    def sent_at(self, end: int) -> float | None:
        """When the message that ended at the byte ``end`` left; ``None`` if none did."""
        with self._lock:
            index = bisect_left(self._sent, end, key=lambda row: row.end)
            row = self._sent[index] if index < len(self._sent) else None
        return row.at if row is not None and row.end == end else None

    def listening_of(
        self, page: str, number: int, clock: PageClock, *, asked: float | None = None
    ) -> Listening | None:
        """The page's listening of that number that was ``asked`` for then, made if it is new.

        A notebook that is closed and opened again in the same page counts from 1 again: it tells
        of another ``asked``. ``None`` if ``MAX_LISTENINGS`` others are kept. Call on the network
        loop only.
        """
        for known in self.listenings:
            same = asked is None or known.asked is None or known.asked == asked
            if same and (known.page, known.number) == (page, number):
                return known
        if len(self.listenings) >= MAX_LISTENINGS:
            return None
        made = Listening(page, number, clock, self._sample_rate, asked=asked)
        self.listenings = (*self.listenings, made)
        return made

    @property
    def listening(self) -> Listening | None:
        """The one that figures use: the first that began at the take's beginning and sounded."""
        for one in self.listenings:
            spans = one.spans
            if spans and spans[0].sample == 0:
                return one
        return None

    def add_chunk(
        self,
        size: int,
        *,
        received: float | None = None,
        step_time: float | None = None,
        flush_id: int | None = None,
    ) -> Chunk:
        """Note that the take's next ``size`` bytes were received, now unless said otherwise.

        A sample that two chunks share belongs to the one that completes it, as nothing can
        play it before. Call on the network loop only.
        """
        received = time.monotonic() if received is None else received
        with self._lock:
            offset = self._chunks[-1].offset + self._chunks[-1].size if self._chunks else 0
            first = offset // self._bytes_per_sample
            last = (offset + size) // self._bytes_per_sample
            chunk = Chunk(
                index=len(self._chunks),
                offset=offset,
                size=size,
                start=first / self._sample_rate,
                duration=(last - first) / self._sample_rate,
                received=received,
                step_time=step_time,
                flush_id=flush_id,
            )
            self._chunks.append(chunk)
        return chunk

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """The chunks received so far, in order."""
        with self._lock:
            return tuple(self._chunks)

    @property
    def count(self) -> int:
        """How many chunks were received so far."""
        return len(self._chunks)

    def chunk(self, index: int) -> Chunk:
        """The chunk of that index, which was received.

        Raises:
            IndexError: it was not.
        """
        return self._chunks[index]

    def since(self, index: int) -> tuple[Chunk, ...]:
        """The chunks received so far from ``index`` on, in order."""
        with self._lock:
            return tuple(self._chunks[index:])

    def between(self, index: int, end: int) -> tuple[Chunk, ...]:
        """Those of the chunks received so far whose index is in ``[index, end)``, in order."""
        with self._lock:
            return tuple(self._chunks[index:end])

    def speaks(self, words: Sequence[Word], pieces: Sequence[str]) -> None:
        """Whose timeline it is: the take's own lists, of which ``to_records`` reads what there is
        then. Before anybody else has it."""
        self._words, self._pieces = words, pieces

    def to_records(self) -> list[Record]:
        """One plain dict per chunk, for ``pandas.DataFrame``, ``polars.DataFrame`` or a loop.

        Its keys are told in ``speech.records.Record``: where the chunk lies in the take, and each
        stage of its way in seconds since the request, ``None`` where unknown. pandas takes it as
        it is, and so does polars; of a take of more than 100 chunks whose page came late, polars
        asks for ``infer_schema_length=None``, as it looks at the first 100 rows alone.
        """
        from cartesia_nb.speech.records import records

        return records(self, tuple(self._words), "".join(self._pieces))

    def to_csv(self, path: str | Path) -> Path:
        """Write ``to_records()`` as CSV, one line per chunk; unknown is empty. Returns the path.

        Raises:
            TakeFileError: if it can't be written.
        """
        from cartesia_nb.speech.records import write_csv

        return write_csv(self.to_records(), Path(path))

    def to_json(self, path: str | Path) -> Path:
        """Write ``to_records()`` as JSON, a list of objects; unknown is null. Returns the path.

        Raises:
            TakeFileError: if it can't be written.
        """
        from cartesia_nb.speech.records import write_json

        return write_json(self.to_records(), Path(path))

    def to_dict(self) -> dict[str, object]:
        """Everything in plain values, as JSON can hold it; ``from_dict`` reads it back."""
        return {
            "sample_rate": self._sample_rate,
            "bytes_per_sample": self._bytes_per_sample,
            **{name: getattr(self, name) for name in (*_MOMENTS, *_LATER_MOMENTS)},
            "resent": self.resent,
            "pushes": [list(row) for row in self.pushes],
            "sent": [list(row) for row in self.sent],
            "listenings": [one.to_dict() for one in self.listenings],
            "chunks": [asdict(chunk) for chunk in self.chunks],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Timeline:
        """Rebuild a timeline from ``to_dict()``, with the clock of the process that wrote it.

        Raises:
            KeyError, TypeError, ValueError: if ``plain`` is not what ``to_dict()`` gives.
        """
        timeline = cls(
            int(cast(int, plain["sample_rate"])), int(cast(int, plain["bytes_per_sample"]))
        )
        timeline.restored = True
        for name in _MOMENTS:
            setattr(timeline, name, plain[name])
        for name in _LATER_MOMENTS:
            setattr(timeline, name, plain.get(name))
        timeline.resent = int(cast(int, plain.get("resent", 0)))
        timeline._pushes = [Push(at, characters) for at, characters in _pairs(plain, "pushes")]
        timeline._sent = [Sent(end, at) for end, at in _pairs(plain, "sent")]
        listenings = cast("Iterable[Mapping[str, object]]", plain.get("listenings", ()))
        timeline.listenings = tuple(Listening.from_dict(one) for one in listenings)
        rows = cast("Iterable[Mapping[str, object]]", plain["chunks"])
        for row in rows:
            timeline.add_chunk(
                int(cast(int, row["size"])),
                received=float(cast(float, row["received"])),
                step_time=cast("float | None", row["step_time"]),
                flush_id=cast("int | None", row["flush_id"]),
            )
        return timeline

    def __repr__(self) -> str:
        state = "live" if self.ended is None else "ended"
        return f"<Timeline: {len(self.chunks)} chunks, {state}>"


def _pairs(plain: Mapping[str, object], name: str) -> list[tuple[int, int]]:
    # Both kinds of pair hold a float as well, which for mypy an int passes for, not the reverse.
    return [(a, b) for a, b in cast("Iterable[tuple[int, int]]", plain.get(name, ()))]


_MOMENTS = ("created", "requested", "last_text", "connected", "cold", "ended")
_LATER_MOMENTS = ("given", "handshake")


def playout(chunks: Iterable[Chunk], prebuffer: float = 0.0) -> tuple[Due, ...]:
    """Play the chunks on paper: wait for ``prebuffer`` seconds of audio, then play, and wait
    again whenever a chunk is late.

    Playback begins when so much is in hand, or with the last chunk where it never is; the first
    ``Due.due`` is that moment. No output latency is assumed, and after a dry spell no new
    prebuffer, so that without one this is what the stream itself allows. After a dry spell
    everything behind it is due later by as much.
    """
    chunks = tuple(chunks)
    result: list[Due] = []
    due = _start(chunks, prebuffer)
    for chunk in chunks:
        ahead = due - chunk.received
        result.append(Due(due=due, ahead=ahead, dry=max(0.0, -ahead)))
        due = max(due, chunk.received) + chunk.duration
    return tuple(result)


def _start(chunks: tuple[Chunk, ...], prebuffer: float) -> float:
    for chunk in chunks:
        if chunk.end >= prebuffer:
            return chunk.received
    return chunks[-1].received if chunks else 0.0
