"""What the engine sends on the socket, as Cartesia shapes it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

from cartesia_nb.engine.alignment import Span
from cartesia_nb.engine.refusals import Refusal

Event = dict[str, object]

_PARTIAL: Final = 206
"""Cartesia gives HTTP's "partial content" with everything it sends in the middle."""


def chunk(context_id: str, pcm: bytes, step_time: float, flush_id: int) -> Event:
    """Audio. ``step_time``: milliseconds the server took for it."""
    data = base64.b64encode(pcm).decode("ascii")
    return _event("chunk", context_id, flush_id, data=data, step_time=step_time)


def word_timestamps(context_id: str, spans: Sequence[Span], flush_id: int) -> Event:
    """When words are spoken."""
    return _event(
        "timestamps",
        context_id,
        flush_id,
        word_timestamps={"words": _texts(spans), **_times(spans)},
    )


def phoneme_timestamps(context_id: str, spans: Sequence[Span], flush_id: int) -> Event:
    """When phonemes are spoken."""
    return _event(
        "phoneme_timestamps",
        context_id,
        flush_id,
        phoneme_timestamps={"phonemes": _texts(spans), **_times(spans)},
    )


def flush_done(context_id: str, flush_id: int) -> Event:
    """All audio of the text before a flush was sent."""
    return _event("flush_done", context_id, flush_id, flush_done=True)


def done(context_id: str) -> Event:
    """The context is complete."""
    return _event("done", context_id, None) | {"done": True, "status_code": 200}


def unknown(context_id: str) -> Event:
    """An event of a type that no client knows."""
    return _event("weather_report", context_id, None, report="scattered clouds")


def error(refusal: Refusal, request_id: str) -> Event:
    """A refusal; also the JSON body over HTTP."""
    event: Event = {
        "type": "error",
        "done": True,
        "status_code": refusal.status_code,
        "error_code": refusal.error_code,
        "title": refusal.title,
        "message": refusal.message,
        "request_id": request_id,
        "doc_url": "https://docs.cartesia.ai/api-reference/tts/websocket",
    }
    if refusal.context_id is not None:
        event["context_id"] = refusal.context_id
    return event


def _event(kind: str, context_id: str, flush_id: int | None, **fields: object) -> Event:
    event: Event = {"type": kind, "context_id": context_id, "status_code": _PARTIAL, "done": False}
    if flush_id is not None:
        event["flush_id"] = flush_id
    return event | fields


def _texts(spans: Sequence[Span]) -> list[str]:
    return [span.text for span in spans]


def _times(spans: Sequence[Span]) -> dict[str, list[float]]:
    return {"start": [span.start for span in spans], "end": [span.end for span in spans]}
