"""The figures of a take, each between two named events on the kernel's clock.

=================  ============================================================
time to first      ``requested`` (the first text was sent) to the first chunk of
byte (TTFB)        audio received
time to first      TTFB plus the take's leading silence: when speech would sound if
audio (TTFA)       playback began with the first chunk
real-time factor   from ``requested`` to the last chunk received, over the audio's
(RTF)              duration: below 1 is faster than real time
largest gap        between two chunks received one after the other
=================  ============================================================

What could not be measured is ``None`` and prints as "unknown". For a take that is still being
spoken, the figures are those of what was received so far.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.onset import speech_onset
from cartesia_nb.speech.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of one take; ``print`` it for one line each.

    Attributes:
        ttfb: seconds, or ``None`` (no audio, or the request was not seen).
        leading_silence: seconds of audio before speech begins, or ``None`` (no speech).
        ttfa: seconds, or ``None`` if either of the two above is.
        duration: seconds of audio received; 0.0 if there is none.
        rtf: a ratio, or ``None`` (no audio, or the request was not seen).
        largest_gap: seconds, or ``None`` with fewer than two chunks.
        chunks: how many were received.
        bytes: how many bytes of audio were received.
        resent: how often the text had to be sent again before any audio came; TTFB and RTF
            count from the first time.
    """

    ttfb: float | None
    leading_silence: float | None
    ttfa: float | None
    duration: float
    rtf: float | None
    largest_gap: float | None
    chunks: int
    bytes: int
    resent: int = 0

    def __str__(self) -> str:
        rows = [
            ("TTFB", _ms(self.ttfb), "request sent → first audio received"),
            ("leading silence", _ms(self.leading_silence), "first sample → speech begins"),
            ("TTFA", _ms(self.ttfa), "request sent → speech begins (TTFB + leading silence)"),
            ("duration", f"{self.duration:.2f} s", "first sample → last sample"),
            (
                "real-time factor",
                "unknown" if self.rtf is None else f"{self.rtf:.3f}",
                "(request sent → last audio received) / duration",
            ),
            ("largest gap", _ms(self.largest_gap), "chunk received → next chunk received"),
            ("chunks", f"{self.chunks:,}", f"received, {self.bytes:,} bytes"),
        ]
        if self.resent:
            rows.append(("sent again", str(self.resent), "times before any audio came, in TTFB"))
        label = max(len(row[0]) for row in rows)
        value = max(len(row[1]) for row in rows)
        return "\n".join(f"{a:<{label}}  {b:>{value}}  {c}" for a, b, c in rows)


def measure(timeline: Timeline, samples: npt.NDArray[np.float32], sample_rate: int) -> Metrics:
    """Compute the figures of a take.

    Args:
        timeline: its moments.
        samples: its audio, mono float32, shape ``(n,)``.
        sample_rate: in Hz.

    Reads every sample once to find where speech begins; callable on any thread.
    """
    chunks = timeline.chunks
    requested = timeline.requested
    duration = len(samples) / sample_rate
    silence = speech_onset(samples, sample_rate)
    ttfb = chunks[0].received - requested if chunks and requested is not None else None
    rtf = None
    if chunks and requested is not None and duration > 0:
        rtf = (chunks[-1].received - requested) / duration
    gaps = [b.received - a.received for a, b in pairwise(chunks)]
    return Metrics(
        ttfb=ttfb,
        leading_silence=silence,
        ttfa=None if ttfb is None or silence is None else ttfb + silence,
        duration=duration,
        rtf=rtf,
        largest_gap=max(gaps, default=None),
        chunks=len(chunks),
        bytes=sum(chunk.size for chunk in chunks),
        resent=timeline.resent,
    )


def _ms(seconds: float | None) -> str:
    return "unknown" if seconds is None else f"{seconds * 1000:,.1f} ms"
