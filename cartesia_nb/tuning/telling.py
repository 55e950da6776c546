"""What a tuner tells of its take and of what was spent, in plain text on one line."""

from __future__ import annotations

from typing import Final

from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.metrics import metrics_of
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.wording import count, plain

WAITING: Final = "Waiting its turn, the next one."


def state(take: Take) -> str:
    """How a take stands. Not on the network loop, as samples are read."""
    recording = take._recording  # take.error would count as somebody having looked at it
    if recording.state == "failed":
        kept = f" {take.duration:.1f} s of it came." if take.duration else ""
        return plain(f"Failed: {recording.error or 'the server did not say why.'}{kept}")
    metrics = metrics_of(recording)
    told = []
    if metrics.ttfb is not None:
        told.append(f"first audio after {metrics.ttfb * 1000:,.0f} ms")
    if metrics.first_sound is not None:
        told.append(f"first sound after {metrics.first_sound * 1000:,.0f} ms")
    if recording.state == "connecting":
        waiting = recording.waiting
        if waiting is None:
            return "Connecting…"
        # Those in flight are not among them: the next one in turn has none before it.
        return f"Waiting its turn, {count(waiting, 'take')} before it." if waiting else WAITING
    if recording.state == "speaking":
        if take.duration:
            told.append(f"{take.duration:.1f} s so far")
        return f"Speaking… {', '.join(told)}".strip()
    done = "Stopped" if recording.state == "cancelled" else "Done"
    return ", ".join([f"{done}: {take.duration:.2f} s", *told]) + "."


def spent(characters: int, backend: Backend) -> str:
    """How many characters a session has sent, and to whom."""
    cost = " They cost nothing." if backend.name == "engine" else ""
    return f"{count(characters, 'character')} sent by this session to {plain(backend.label)}.{cost}"
