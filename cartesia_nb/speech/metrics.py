"""The figures of a take, each between two named events, each on a named clock.

Without another word the clock is the kernel's, ``time.monotonic()`` of the process that received
the take. A moment in the page is placed on that clock by the interval of all that kernel and page
told each other, and is right to within ``clock_error``. Lengths in the page alone
(``heard_dry_seconds``) are the page's clock's, and need no placing. "On paper" is the playback of
``timeline.playout``: it begins with the first chunk, has no prebuffer and no output, and waits when
it runs dry, so that it tells of the stream itself.

What was not observed is ``None`` and prints as "unknown"; it is never zero. For a take that is
still being spoken or heard, the figures are those of what is known so far. Of several listenings
the first counts that began with the take's beginning and at normal speed (``Timeline.listening``):
a replay changes nothing.

Where a term is not ours: TTFA is TTFB plus leading silence as pipecat counts it; the real-time
factor is generation time over audio duration; the percentiles are numpy's "linear" method, number 7
of Hyndman and Fan (1996); jitter is the D of RFC 3550, section 6.4.1, see ``Metrics.jitter``; where
speech begins is found as ``analysis.onset`` says.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from cartesia_nb.speech.listening import Listening
from cartesia_nb.speech.stages import arrived_on_page
from cartesia_nb.speech.timeline import Chunk, Timeline

if TYPE_CHECKING:
    from cartesia_nb.speech.recording import Recording

_Floats: TypeAlias = npt.NDArray[np.float64]

DRY_S: Final = 0.001
"""A chunk later than this is a dry spell on paper; less is the jitter of a thread's wake-up."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of one take. ``print`` shows them in groups, ``to_dict()`` gives plain values; it may
    be read on any thread. Seconds unless said otherwise.

    Attributes:
        connect: the first text was given (of a string: ``say()`` was called) → the connection was
            ready. ``None`` as well if it was open already, or if the text had to be sent again on
            one that was opened later.
        handshake: dialling → the open socket, of the connection that the take's audio came over,
            whenever that was opened.
        cold: whether the take had to wait for a connection to be opened.
        ttfb: the first text was sent → the first chunk of audio was received.
        leading_silence: the take's first sample → speech begins in it; time of the audio itself, no
            clock's. ``None`` for silence.
        ttfa: the first text was sent → speech begins, if playback began with the first chunk:
            TTFB plus leading silence.
        first_sound: the first text was sent → the take's first sample is audible in the page, right
            to within ``clock_error``. Its sound, not yet speech: leading silence is not in it.
        clock_error: half the width of the interval that the first sound lies in, and what the
            browser cannot tell of its output; ± seconds. Of the first sound and the first speech
            in the page, whichever is less sure.
        first_sound_held: the part of ``first_sound`` that was no waiting for audio but for a turn
            or a person (another take sounded, or the browser wants a click first): the first
            chunk had arrived in the page → its playback was asked for; 0.0 if it was before. On the
            page's clock; where the first chunk did not come live, from its arrival in the kernel.
            ``None`` as well if a person paused, stopped or sought between that and the sound.
        duration: seconds of audio received; 0.0 if there is none.
        rtf: real-time factor, a ratio: (the first text was sent → the last chunk was received) over
            the duration. Below 1 is faster than real time.
        gap_p50, gap_p90, gap_p99: a chunk was received → the next one was; percentiles by linear
            interpolation. ``None`` with fewer than two chunks.
        largest_gap: the largest of them.
        jitter: the mean of ``|gap - pace * duration|``, of each gap and the audio of the chunk
            before it, with ``pace`` the sum of all gaps over that of those durations: how
            unevenly the chunks come, measured against the stream's own mean pace. This is
            RFC 3550's D(i, j) with that pace for the sender's clock, averaged and not smoothed.
            ``None`` with fewer than three chunks, where it would be 0 by definition.
        least_buffer: the least audio in hand when a chunk was received, on paper; negative where
            playback had run dry. The first chunk, with which playback begins, is left out.
        dry_spells: how often playback would have waited for more than 1 ms, on paper.
        dry_seconds: how long together: all before had been played → the chunk was received.
        heard_dry_spells: how often the page ran dry in fact, until a person first paused, stopped
            or sought. A prebuffer makes these fewer than those on paper.
        heard_dry_seconds: how long those that are over were silent together: the last sample in
            hand was played → playback went on. On the page's clock.
        first_token_to_speech: the first piece of text was given → speech begins on paper: the first
            chunk's arrival plus leading silence.
        first_token_to_sound: the first piece of text was given → the first sample of speech is
            audible in the page, to within ``clock_error``.
        chunks: how many were received.
        bytes: of audio that were received.
        resent: how often the text had to be sent again before any audio came; TTFB, RTF and first
            sound count from the first time.
    """

    connect: float | None
    handshake: float | None
    cold: bool | None
    ttfb: float | None
    leading_silence: float | None
    ttfa: float | None
    first_sound: float | None
    clock_error: float | None
    first_sound_held: float | None
    duration: float
    rtf: float | None
    gap_p50: float | None
    gap_p90: float | None
    gap_p99: float | None
    largest_gap: float | None
    jitter: float | None
    least_buffer: float | None
    dry_spells: int | None
    dry_seconds: float | None
    heard_dry_spells: int | None
    heard_dry_seconds: float | None
    first_token_to_speech: float | None
    first_token_to_sound: float | None
    chunks: int
    bytes: int
    resent: int

    def to_dict(self) -> dict[str, float | int | bool | None]:
        """Every figure by its name, in plain values: for JSON, or a row of a table."""
        return asdict(self)

    def __str__(self) -> str:
        from cartesia_nb.speech.figures import table

        return table(self)


def metrics_of(recording: Recording) -> Metrics:
    """The figures of a recording, as they are now. Not on the network loop, as samples are read:
    each of them once, however often this is asked."""
    count, onset = recording.levels.onset()
    return measure(recording.timeline, onset=onset, duration=count / recording.settings.sample_rate)


def measure(timeline: Timeline, *, onset: float | None, duration: float) -> Metrics:
    """Compute the figures of a take from its moments. Reads no samples; any thread.

    Args:
        timeline: its moments.
        onset: seconds of it before speech begins, as ``analysis.onset`` finds them; ``None`` for
            silence.
        duration: seconds of audio received.
    """
    chunks = timeline.chunks
    given, requested, connected = timeline.given, timeline.requested, timeline.connected
    ttfb = chunks[0].received - requested if chunks and requested is not None else None
    whole = chunks[-1].received - requested if chunks and requested is not None else None
    received = np.array([chunk.received for chunk in chunks])
    starts = np.array([chunk.start for chunk in chunks])
    gaps = np.diff(received)
    p50, p90, p99 = _percentiles(gaps)
    ahead = _ahead(received, starts)
    late = -ahead[ahead < -DRY_S]
    heard = _heard(timeline, chunks, onset)
    return Metrics(
        connect=_connect(given, connected, requested) if timeline.cold else None,
        handshake=timeline.handshake,
        cold=timeline.cold,
        ttfb=ttfb,
        leading_silence=onset,
        ttfa=None if ttfb is None or onset is None else ttfb + onset,
        first_sound=heard.first_sound,
        clock_error=heard.error,
        first_sound_held=heard.held,
        duration=duration,
        rtf=None if whole is None or duration <= 0 else whole / duration,
        gap_p50=p50,
        gap_p90=p90,
        gap_p99=p99,
        largest_gap=float(gaps.max()) if gaps.size else None,
        jitter=_jitter(gaps, np.diff(starts)),
        least_buffer=float(ahead.min()) if ahead.size else None,
        dry_spells=len(late) if chunks else None,
        dry_seconds=float(late.sum()) if chunks else None,
        heard_dry_spells=heard.dry_spells,
        heard_dry_seconds=heard.dry_seconds,
        first_token_to_speech=(
            chunks[0].received + onset - given
            if chunks and onset is not None and given is not None
            else None
        ),
        first_token_to_sound=heard.first_speech,
        chunks=len(chunks),
        bytes=chunks[-1].offset + chunks[-1].size if chunks else 0,
        resent=timeline.resent,
    )


class _Page(NamedTuple):
    """What a page's listening adds."""

    first_sound: float | None = None
    error: float | None = None
    held: float | None = None
    first_speech: float | None = None
    dry_spells: int | None = None
    dry_seconds: float | None = None


def _heard(timeline: Timeline, chunks: tuple[Chunk, ...], onset: float | None) -> _Page:
    listening = timeline.listening
    if listening is None:
        return _Page()
    requested, given = timeline.requested, timeline.given
    first = listening.audible_at(0)
    speech = None if onset is None else listening.audible_at(round(onset * timeline.sample_rate))
    until = math.inf if listening.disturbed is None else listening.disturbed
    dry = [spell for spell in listening.dry if spell.began < until]
    return _Page(
        first_sound=None if first is None or requested is None else first.moment - requested,
        error=max((one.error for one in (first, speech) if one is not None), default=None),
        held=_held(timeline, listening, chunks),
        first_speech=None if speech is None or given is None else speech.moment - given,
        dry_spells=len(dry),
        dry_seconds=math.fsum(
            spell.ended - spell.began for spell in dry if spell.ended is not None
        ),
    )


def _held(timeline: Timeline, listening: Listening, chunks: tuple[Chunk, ...]) -> float | None:
    """Seconds for which there was audio and nobody had asked to hear it yet."""
    # How much of the waiting was a person's who paused it, nobody told.
    if listening.asked is None or not chunks or disturbed_before_sound(listening):
        return None
    live = arrived_on_page(timeline, chunks[0])
    if live is not None:
        return max(listening.asked - live, 0.0)
    asked = listening.place(listening.asked)
    return None if asked is None else max(asked.moment - chunks[0].received, 0.0)


def disturbed_before_sound(listening: Listening) -> bool:
    """Whether a person paused, stopped or sought before the first sample was audible."""
    sounded = listening.audible_on_page(0)
    disturbed = listening.disturbed
    return disturbed is not None and (sounded is None or disturbed < sounded)


def _connect(given: float | None, connected: float | None, requested: float | None) -> float | None:
    if given is None or connected is None or (requested is not None and connected > requested):
        return None
    return max(connected - given, 0.0)


def _percentiles(gaps: _Floats) -> tuple[float | None, float | None, float | None]:
    if not gaps.size:
        return None, None, None
    p50, p90, p99 = (float(p) for p in np.percentile(gaps, (50, 90, 99), method="linear"))
    return p50, p90, p99


def _ahead(received: _Floats, starts: _Floats) -> _Floats:
    """``Due.ahead`` of ``timeline.playout``, of all chunks but the first, for a whole take at once.

    Playback stands as far behind the stream's start as the latest chunk so far made it wait.
    """
    behind = np.maximum.accumulate(received - starts)
    return starts[1:] + behind[:-1] - received[1:]


def _jitter(gaps: _Floats, durations: _Floats) -> float | None:
    if gaps.size < 2 or durations.sum() <= 0:
        return None
    pace = gaps.sum() / durations.sum()
    return float(np.abs(gaps - pace * durations).mean())
