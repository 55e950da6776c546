"""The messages between kernel and page, as both sides know them (``js/src/messages.ts``).

All are custom messages on the Speaker's comm, told apart by ``type``. Audio is addressed by
take and byte offset, so that repeats, overlaps and any order are harmless. Times are seconds:
``sent`` of the kernel's messages on ``time.monotonic``, of the page's on ``performance.now``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from cartesia_nb.speaker import heard
from cartesia_nb.speaker.heard import Heard as Heard
from cartesia_nb.speech.recording import Recording, Word
from cartesia_nb.speech.timeline import Chunk, Timeline

Message: TypeAlias = dict[str, object]

Clocks: TypeAlias = Mapping[str, tuple[float, float]]
"""By page: kernel clock minus page clock, and its error, in seconds."""

Command = Literal["play", "pause", "stop", "seek"]

MAX_CHUNKS: Final = 1_000_000
"""Rows of one take that the page is told of: eleven hours in chunks of 40 ms."""


def open_(recording: Recording, *, play: bool, interrupt: bool, now: float) -> Message:
    """A take exists; may come again, and then brings the page up to date."""
    settings = recording.settings
    backend = recording.backend
    return {
        "type": "open",
        "take": recording.id,
        "sent": now,
        "text": recording.text,
        "backend": {"name": backend.name, "label": backend.label},
        "voice": settings.voice,
        "encoding": settings.encoding,
        "sample_rate": settings.sample_rate,
        "play": play,
        "interrupt": interrupt,
        "heard": recording.heard,
        "state": recording.state,
        "bytes": recording.store.size,
        "words": len(recording.words),
    }


def audio(take: str, offset: int, *, live: bool, now: float) -> Message:
    """PCM at a byte offset; the bytes are the message's one buffer.

    ``live``: on its way since it was received; else a page asked for it, or the take was over
    before it was shown, and when it arrives says nothing about the stream.
    """
    return {"type": "audio", "take": take, "sent": now, "offset": offset, "live": live}


def words(take: str, index: int, rows: Sequence[Word], *, now: float) -> Message:
    """Words from ``index`` on."""
    return {"type": "words", "words": [row.text for row in rows], **_times(take, index, rows, now)}


def phonemes(take: str, index: int, rows: Sequence[Word], *, now: float) -> Message:
    """Phonemes from ``index`` on."""
    return {
        "type": "phonemes",
        "phonemes": [row.text for row in rows],
        **_times(take, index, rows, now),
    }


def _times(take: str, index: int, rows: Sequence[Word], now: float) -> Message:
    start, end = [row.start for row in rows], [row.end for row in rows]
    return {"take": take, "sent": now, "index": index, "start": start, "end": end}


def chunks(
    take: str,
    index: int,
    rows: Sequence[Chunk],
    *,
    requested: float | None,
    now: float,
    clocks: Clocks,
) -> Message:
    """When the chunks from ``index`` on were received, on the clock of the process that received
    them, to the microsecond; ``requested``: when the take's first text was sent, likewise.

    ``clocks``: by page, what its clock is behind this process's now, and the error of that.
    """
    return {
        "type": "chunks",
        "take": take,
        "sent": now,
        "index": index,
        "requested": requested,
        "start": [round(row.start, 6) for row in rows],
        "duration": [round(row.duration, 6) for row in rows],
        "received": [round(row.received, 6) for row in rows],
        "clocks": {page: [round(part, 6) for part in span] for page, span in clocks.items()},
    }


def countable(timeline: Timeline) -> int:
    """How many of its chunks the page is told of."""
    return min(timeline.count, MAX_CHUNKS)


def progress(recording: Recording, *, chunks: int, now: float) -> Message:
    """How far a live take is; reveals to the page what it misses. ``chunks``: rows sent so far."""
    detail = None
    if recording.waiting is not None:
        before = f"{recording.waiting} before it" if recording.waiting else "next"
        detail = f"Waiting for its turn, {before}"
    return {"type": "progress", **_standing(recording, chunks, now), "detail": detail}


def end(recording: Recording, *, now: float) -> Message:
    """A take is over; its totals reveal a lost tail."""
    error = None if recording.error is None else str(recording.error)
    standing = _standing(recording, countable(recording.timeline), now)
    return {"type": "end", **standing, "error": error}


def _standing(recording: Recording, chunks: int, now: float) -> Message:
    return {
        "take": recording.id,
        "sent": now,
        "state": recording.state,
        "bytes": recording.store.size,
        "words": len(recording.words),
        "phonemes": len(recording.phonemes),
        "chunks": chunks,
        "text": recording.text,
    }


def gone(take: str, *, now: float) -> Message:
    """The kernel no longer has this take."""
    return {
        "type": "end",
        "take": take,
        "sent": now,
        "state": "gone",
        "bytes": 0,
        "words": 0,
        "phonemes": 0,
        "chunks": 0,
        "text": "",
        "error": "The kernel no longer has this take. Run the cell again to hear it.",
    }


def command(name: Command, take: str | None, position: float | None, *, now: float) -> Message:
    """What a page is to do; without a take, to everything."""
    return {"type": "command", "take": take, "sent": now, "command": name, "position": position}


@dataclass(frozen=True)
class Hello:
    """A page loaded the Speaker."""

    page: str
    output: str


@dataclass(frozen=True)
class Need:
    """A page misses parts of a take; ``None`` as an end means to its end."""

    take: str
    ranges: tuple[tuple[int, int | None], ...]
    words: int | None
    phonemes: int | None
    chunks: int | None = None


@dataclass(frozen=True)
class Cancel:
    """A person pressed stop on a take that is still being generated."""

    take: str


FromPage: TypeAlias = "Hello | Need | Heard | Cancel"


class Signed(NamedTuple):
    """Which page a message is from, and when it sent it, by the page's clock."""

    page: str
    sent: float


def signed(content: object) -> Signed | None:
    """Who a page's message is from, or ``None`` if it does not say."""
    if not isinstance(content, Mapping):
        return None
    page, sent = heard.name(content.get("page")), heard.moment(content.get("sent"))
    return None if not page or sent is None else Signed(page, sent)


def parse(content: object) -> FromPage | None:
    """A page's message, or ``None`` if it is none that can be used."""
    if not isinstance(content, Mapping):
        return None
    kind, take = content.get("type"), content.get("take")
    if kind == "hello":
        return Hello(str(content.get("page")), str(content.get("output")))
    if not isinstance(take, str):
        return None
    if kind == "cancel":
        return Cancel(take)
    if kind == "heard":
        return heard.read(content, take)
    if kind == "need":
        ranges = _ranges(content.get("ranges"))
        if ranges is None:
            return None
        words, phonemes, chunks = (
            heard.whole(content.get(kind)) for kind in ("words", "phonemes", "chunks")
        )
        return Need(take, ranges, words, phonemes, chunks)
    return None


def _ranges(value: object) -> tuple[tuple[int, int | None], ...] | None:
    if not isinstance(value, list):
        return None
    ranges: list[tuple[int, int | None]] = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            return None
        start, stop = heard.whole(pair[0]), heard.whole(pair[1])
        if start is None or (stop is None and pair[1] is not None):
            return None
        ranges.append((start, stop))
    return tuple(ranges)
