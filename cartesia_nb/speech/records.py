"""A take as a table: one row per chunk, one column per thing known of it, in plain values."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from cartesia_nb.speech.files import write_whole
from cartesia_nb.speech.stages import stages

if TYPE_CHECKING:
    from cartesia_nb.speech.recording import Word
    from cartesia_nb.speech.timeline import Timeline


class Record(TypedDict):
    """One chunk. Times in seconds, ``None`` where unknown; ``..._at`` counts from the request.

    All moments are on the kernel's clock. Those of the page (``arrived_at``, ``decoded_at``,
    ``audible_at``) are of the listening that the figures are of, and right to within
    ``clock_error``.

    Attributes:
        index: 0 for the first.
        offset: bytes of the take before it.
        size: its bytes.
        start: seconds of the take before its first sample.
        duration: seconds of audio in it.
        received: when it was received, by ``time.monotonic()`` of the process that did.
        since_request: the same, from when the take's first text was sent.
        gap: since the chunk before.
        ahead: seconds of audio in hand when it came, if played on paper; negative when too late.
        dry: seconds of silence that waiting for it would have cost on paper.
        step_time_ms: milliseconds that the server says it took.
        flush_id: the server's count of flushes.
        pushed_at: when the text that it speaks was sent.
        received_at: as ``since_request``.
        sent_at: when it was sent on to the page.
        arrived_at: when all of it had arrived in the page.
        decoded_at: when its last sample was handed to the output.
        audible_at: when its first sample was audible.
        clock_error: of the three above, ± seconds.
        in_hand: how long before it was to sound it had arrived in the page.
    """

    index: int
    offset: int
    size: int
    start: float
    duration: float
    received: float
    since_request: float | None
    gap: float | None
    ahead: float
    dry: float
    step_time_ms: float | None
    flush_id: int | None
    pushed_at: float | None
    received_at: float | None
    sent_at: float | None
    arrived_at: float | None
    decoded_at: float | None
    audible_at: float | None
    clock_error: float | None
    in_hand: float | None


def records(timeline: Timeline, words: Sequence[Word] = (), text: str = "") -> list[Record]:
    """One plain dict per chunk received so far. Any thread.

    Args:
        timeline: the take's.
        words: its words, by which a chunk's text is found where several pieces were sent.
        text: its text.
    """
    zero = timeline.requested
    rows: list[Record] = []
    before: float | None = None
    for row in stages(timeline, words, text):
        chunk = row.chunk
        rows.append(
            {
                "index": chunk.index,
                "offset": chunk.offset,
                "size": chunk.size,
                "start": chunk.start,
                "duration": chunk.duration,
                "received": chunk.received,
                "since_request": _since(zero, chunk.received),
                "gap": _since(before, chunk.received),
                "ahead": row.ahead,
                "dry": row.dry,
                "step_time_ms": chunk.step_time,
                "flush_id": chunk.flush_id,
                "pushed_at": _since(zero, row.pushed),
                "received_at": _since(zero, row.received),
                "sent_at": _since(zero, row.sent),
                "arrived_at": _since(zero, row.arrived),
                "decoded_at": _since(zero, row.decoded),
                "audible_at": _since(zero, row.audible),
                "clock_error": row.clock_error,
                "in_hand": row.in_hand,
            }
        )
        before = chunk.received
    return rows


def write_csv(rows: Sequence[Mapping[str, object]], path: Path) -> Path:
    """Write rows that all have the same keys as CSV, with a line of these; ``None`` is empty.

    Raises:
        TakeFileError: if it can't be written.
    """
    text = io.StringIO()
    names = list(rows[0]) if rows else list(Record.__annotations__)
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode())
    return path


def write_json(rows: Sequence[Mapping[str, object]], path: Path) -> Path:
    """Write rows as a JSON list of objects, one on a line; ``None`` is null.

    Raises:
        TakeFileError: if it can't be written.
    """
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
    write_whole(path, f"[\n{lines}\n]\n".encode())
    return path


def _since(zero: float | None, moment: float | None) -> float | None:
    return None if zero is None or moment is None else moment - zero
