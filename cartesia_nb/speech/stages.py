"""Each chunk's way from the text that was pushed to the ear, all on the kernel's clock."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cartesia_nb.speech.listening import Listening, Placed
from cartesia_nb.speech.recording import Word
from cartesia_nb.speech.timeline import Chunk, Push, Sent, Timeline, playout


@dataclass(frozen=True, slots=True)
class Stages:
    """When a chunk was where, in seconds of ``time.monotonic``; ``None`` is unknown.

    Attributes:
        chunk: the chunk.
        pushed: when the text it speaks was sent.
        received: when it was received.
        sent: when the message that completed it left for the page.
        arrived: when that message had arrived in the page.
        decoded: when its last sample was handed to the page's output.
        audible: when its first sample was audible.
        clock_error: the largest error of ``arrived``, ``decoded`` and ``audible``, in seconds, on
            either side; ``None`` if none of them is known.
        ahead: on paper, seconds of audio unplayed when it was received.
        dry: on paper, seconds of silence that waiting for it costs.
        in_hand: how long before its sound it had arrived: ``audible - arrived``. Unknown of what
            sounded after a person paused, stopped or sought.
    """

    chunk: Chunk
    pushed: float | None
    received: float
    sent: float | None
    arrived: float | None
    decoded: float | None
    audible: float | None
    clock_error: float | None
    ahead: float
    dry: float
    in_hand: float | None


def stages(timeline: Timeline, words: Sequence[Word] = (), text: str = "") -> tuple[Stages, ...]:
    """The stages of every chunk received so far, in order. Any thread.

    Page facts are those of ``timeline.listening``.

    Args:
        timeline: the take's.
        words: its words; without them only a text sent at once can be told to be a chunk's.
        text: its text, in which the words are looked for.
    """
    chunks = timeline.chunks
    pushed_at = _pushed(timeline, words, text)
    page = _Page(timeline)
    sent = timeline.sent
    result = []
    for chunk, due in zip(chunks, playout(chunks), strict=True):
        left = _reached(sent, chunk.offset + chunk.size)
        arrived, decoded, audible, in_hand = page.of(chunk)
        placed = [one for one in (arrived, decoded, audible) if one is not None]
        result.append(
            Stages(
                chunk=chunk,
                pushed=pushed_at(chunk),
                received=chunk.received,
                sent=None if left is None else left.at,
                arrived=None if arrived is None else arrived.moment,
                decoded=None if decoded is None else decoded.moment,
                audible=None if audible is None else audible.moment,
                clock_error=max((one.error for one in placed), default=None),
                ahead=due.ahead,
                dry=due.dry,
                in_hand=in_hand,
            )
        )
    return tuple(result)


def arrived_on_page(timeline: Timeline, chunk: Chunk) -> float | None:
    """When ``chunk`` had arrived live in the page that ``timeline.listening`` is of, by that
    page's clock; ``None`` if it did not or nobody told."""
    return _Page(timeline).arrived(chunk.offset + chunk.size)


class _Page:
    """What the page told of the chunks."""

    def __init__(self, timeline: Timeline) -> None:
        self._size = timeline.bytes_per_sample
        self._listening = listening = timeline.listening
        self._first: Listening | None = None
        if listening is None:
            return
        # Live bytes are told of in a page's first listening, whichever one the figures use.
        same = [one for one in timeline.listenings if one.page == listening.page]
        self._first = next((one for one in same if one.arrivals), None)

    def of(self, chunk: Chunk) -> tuple[Placed | None, Placed | None, Placed | None, float | None]:
        """Arrived, decoded, audible, and how long it was in hand."""
        listening = self._listening
        moment = self.arrived(chunk.offset + chunk.size)
        arrived = None if listening is None else listening.place(moment)
        first, end = chunk.offset // self._size, (chunk.offset + chunk.size) // self._size
        if listening is None or end == first:  # no sample of its own
            return arrived, None, None, None
        disturbed = listening.disturbed
        decoded = listening.place(listening.decoded.reaching(end))
        sounded = listening.audible_on_page(first)
        audible = listening.sounding(sounded)
        in_hand = None
        undisturbed = disturbed is None or (sounded is not None and sounded < disturbed)
        if arrived is not None and audible is not None and undisturbed:
            in_hand = audible.moment - arrived.moment
        return arrived, decoded, audible, in_hand

    def arrived(self, end: int) -> float | None:
        """When all live bytes up to ``end`` had arrived, by the page's clock."""
        return None if self._first is None else self._first.arrivals.reaching(end)


def _reached(rows: Sequence[Sent], end: int) -> Sent | None:
    """The first row that reaches ``end``, or ``None``."""
    index = bisect_left(rows, end, key=lambda row: row.end)
    return rows[index] if index < len(rows) else None


def _pushed(
    timeline: Timeline, words: Sequence[Word], text: str
) -> Callable[[Chunk], float | None]:
    pushes = timeline.pushes
    if len(pushes) == 1:
        return lambda chunk: pushes[0].at
    if not pushes:
        # Of a take saved before pushes were kept: all of it was sent at once.
        only = timeline.requested if timeline.requested == timeline.last_text else None
        return lambda chunk: only
    placed = [
        (word.end, end) for word, end in zip(words, word_ends(words, text), strict=True)
        if end is not None
    ]  # fmt: skip

    def at(chunk: Chunk) -> float | None:
        for sounds_until, end in placed[bisect_left(placed, chunk.start, key=lambda row: row[0]) :]:
            if sounds_until > chunk.start:
                return _holding(pushes, end)
        return None

    return at


def _holding(pushes: Sequence[Push], end: int) -> float | None:
    index = bisect_left(pushes, end, key=lambda push: push.characters)
    return pushes[index].at if index < len(pushes) else None


def word_ends(words: Sequence[Word], text: str) -> list[int | None]:
    """Where in ``text`` each word ends, in characters; ``None`` for one that is not there.

    A server may leave words out, change their case or their spelling ("2" as "two"): each is
    looked for behind the one before it, and not beyond the next few words' reach.
    """
    folded = text.casefold()
    plain = folded if len(folded) == len(text) else text
    ends: list[int | None] = []
    at = 0
    for word in words:
        wanted = word.text.strip()
        wanted = wanted.casefold() if plain is folded else wanted
        found = plain.find(wanted, at, at + len(wanted) + _REACH) if wanted else -1
        if found >= 0:
            at = found + len(wanted)
        ends.append(at if found >= 0 else None)
    return ends


_REACH: Final = 80
