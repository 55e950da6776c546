"""A take in plain sentences: who spoke, when what was heard, where the time went, what is unknown.

They say what ``Metrics`` says, and tell apart the waiting that a listener cannot: for the
connection, for the first chunk, on the way to the page, for a turn, and for the page's buffer and
output.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from cartesia_nb.speech.metrics import Metrics, disturbed_before_sound, metrics_of
from cartesia_nb.speech.recording import Recording, State
from cartesia_nb.speech.stages import arrived_on_page
from cartesia_nb.speech.timeline import Timeline
from cartesia_nb.speech.wording import count, plain, shortened

_TEXT_LENGTH: Final = 60
_TURN_S: Final = 0.02
"""Text that waits for so long waits for its turn: as many contexts as allowed are in flight."""

_WORTH_S: Final = 0.0005
"""A part of the waiting that is shorter than this is not told of."""


def describe(recording: Recording) -> str:
    """Three to eight sentences, joined by spaces. Not on the network loop: samples are read."""
    # The state first: what has come by now is at least what had come when it was that.
    state, timeline = recording.state, recording.timeline
    metrics = metrics_of(recording)
    told = [
        _who(recording, state, metrics),
        _connection(timeline, metrics),
        _first(timeline, metrics),
        _sound(timeline, metrics),
        _fed(timeline, metrics),
        _pace(metrics),
        _dry(metrics),
        _unknown(recording, metrics),
    ]
    return " ".join(sentence for sentence in told if sentence)


def _who(recording: Recording, state: State, metrics: Metrics) -> str:
    who = plain(recording.backend.label)
    who = f"The {who}" if recording.backend.name == "engine" else who
    text = shortened(plain(recording.text), _TEXT_LENGTH)
    what = f"“{text}”" if text else "a text that is not known"
    came = f"{count(metrics.chunks, 'chunk')} of audio, {metrics.duration:.2f} seconds long"
    be = "is" if metrics.chunks == 1 else "are"
    if state == "done":
        return f"{who} spoke {what}: {came if metrics.chunks else 'no audio came of it'}."
    if state == "cancelled":
        if not metrics.chunks:
            return f"{who} was stopped before any audio of {what} came."
        return f"{who} spoke {what} and was stopped before its end; there {be} {came}."
    if state == "failed":
        why = plain(str(recording.error or "The server did not say why."))
        why = re.split(r"(?<=[.!?])\s", why, maxsplit=1)[0].rstrip(".")
        kept = f", of which there {be} {came}" if metrics.chunks else ", before any audio came"
        return f"{who} failed to speak {what}{kept}: {why}."
    if state == "speaking":
        so_far = f"; so far there {be} {came}" if metrics.chunks else ""
        return f"{who} is still at {what}{so_far}."
    if metrics.resent:
        return f"{who} is to be sent {what} again."
    if not text:  # it reaches the network loop a moment after it was given
        return f"{who} has not been sent any text yet."
    return f"{who} is to speak {what} and has not been sent it yet."


def _connection(timeline: Timeline, metrics: Metrics) -> str:
    opened = _opened(metrics)
    if timeline.given is None or timeline.requested is None:
        return f"{opened}."
    if metrics.cold and metrics.connect is None:  # it was sent again
        return f"{opened}."
    turn = timeline.requested - timeline.given - (metrics.connect or 0.0)
    waited = f"; the text waited {_span(turn)} for its turn to be sent"
    return f"{opened}{waited if turn >= _TURN_S else ''}."


def _opened(metrics: Metrics) -> str:
    if metrics.cold is None:
        return "Whether its connection was open already is not known"
    shook = "" if metrics.handshake is None else _span(metrics.handshake)
    if not metrics.cold:
        return f"The connection was open already{shook and f', from a handshake of {shook}'}"
    if metrics.connect is None:
        return f"A connection had to be opened for it{shook and f', with a handshake of {shook}'}"
    waited = f"The text waited {_span(metrics.connect)} for the connection to be opened"
    if metrics.handshake is None or metrics.handshake > metrics.connect:  # it had been dialled
        return f"{waited}{shook and f', whose handshake took {shook}'}"
    return f"{waited}, of which the handshake took {shook}"


def _first(timeline: Timeline, metrics: Metrics) -> str:
    if metrics.ttfb is None:
        return ""
    again = ""
    if metrics.resent:
        times = {1: "once", 2: "twice"}.get(metrics.resent, f"{metrics.resent} times")
        again = f", sending it again {times} included"
    byte = f"The first audio came {_span(metrics.ttfb)} after the first text was sent{again}"
    if metrics.leading_silence is None or metrics.ttfa is None:
        return f"{byte}; no speech is found in it."
    if metrics.leading_silence < _WORTH_S:
        return f"{byte}, and begins with speech at once."
    return (
        f"{byte}; it begins with {_span(metrics.leading_silence)} of silence, so that speech could "
        f"be heard after {_span(metrics.ttfa)} at the earliest."
    )


class _Waiting(NamedTuple):
    """The parts of ``first_sound``, in seconds; they add up to it."""

    audio: float
    way: float | None
    held: float
    buffer: float


def _sound(timeline: Timeline, metrics: Metrics) -> str:
    if metrics.first_sound is None or metrics.clock_error is None:
        return ""
    said = (
        f"In the page it was first heard after {_span(metrics.first_sound)}, give or take "
        f"{_span(metrics.clock_error)}"
    )
    waiting = _waiting(timeline, metrics)
    listening = timeline.listening
    if waiting is None:
        if listening is None or not disturbed_before_sound(listening):
            return f"{said}."
        return f"{said}; before that a person had paused it or gone elsewhere in it."
    by_person = listening is not None and listening.by_person
    way = "on its way to the page, in its" if waiting.way is None else "in the page's"
    parts = [
        (waiting.audio, "waiting for audio"),
        (waiting.way or 0.0, "on its way to the page"),
        (waiting.held, "until a person pressed Play" if by_person else "waiting for its turn"),
        (waiting.buffer, f"{way} buffer and output"),
    ]
    told = [f"{_span(part)} {what}" for part, what in parts if part >= _WORTH_S]
    return f"{said}: {_and(told)}."


def _waiting(timeline: Timeline, metrics: Metrics) -> _Waiting | None:
    listening = timeline.listening
    if metrics.ttfb is None or metrics.first_sound is None or metrics.first_sound_held is None:
        return None
    first = timeline.chunk(0)
    moment = arrived_on_page(timeline, first)
    arrived = None if listening is None else listening.place(moment)
    way = None if arrived is None else max(arrived.moment - first.received, 0.0)
    rest = metrics.first_sound - metrics.ttfb - (way or 0.0) - metrics.first_sound_held
    return _Waiting(metrics.ttfb, way, metrics.first_sound_held, max(rest, 0.0))


def _fed(timeline: Timeline, metrics: Metrics) -> str:
    pushes = timeline.pushes
    if len(pushes) < 2:
        return ""
    came = f"Its text came in {len(pushes):,} pieces over {_span(pushes[-1].at - pushes[0].at)}"
    if metrics.first_token_to_speech is None:
        return f"{came}."
    heard = ""
    if metrics.first_token_to_sound is not None:
        heard = f", and speech was heard in the page after {_span(metrics.first_token_to_sound)}"
    return (
        f"{came}; from the first piece to speech it was {_span(metrics.first_token_to_speech)}"
        f"{heard}."
    )


def _pace(metrics: Metrics) -> str:
    if metrics.rtf is None:
        return ""
    how = "faster" if metrics.rtf < 1 else "more slowly"
    said = (
        f"It came {how} than it plays: {metrics.duration:.2f} s of sound were there after "
        f"{_span(metrics.rtf * metrics.duration)}, a real-time factor of {metrics.rtf:.3f}"
    )
    if metrics.gap_p50 is None or metrics.largest_gap is None:
        return f"{said}."
    return (
        f"{said}, in chunks {_span(metrics.gap_p50)} apart at the median and "
        f"{_span(metrics.largest_gap)} at the most."
    )


def _dry(metrics: Metrics) -> str:
    if metrics.dry_spells is None or metrics.dry_seconds is None or metrics.chunks < 2:
        return ""
    paper = (
        f"played without a buffer it would have run dry {_times(metrics.dry_spells)}, for "
        f"{_span(metrics.dry_seconds)} together"
    )
    if not metrics.dry_spells:
        least = max(metrics.least_buffer or 0.0, 0.0)
        paper = (
            "played without a buffer it would never have run dry, with "
            f"{_span(least)} in hand at the least"
        )
    if metrics.heard_dry_spells is None or metrics.heard_dry_seconds is None:
        return f"{paper[0].upper()}{paper[1:]}."
    heard = "in the page it never did"
    if metrics.heard_dry_spells:
        heard = (
            f"in the page it did so {_times(metrics.heard_dry_spells)}, for "
            f"{_span(metrics.heard_dry_seconds)}"
        )
    return f"{paper[0].upper()}{paper[1:]}; {heard}."


def _unknown(recording: Recording, metrics: Metrics) -> str:
    timeline = recording.timeline
    why = ""
    if not metrics.chunks:
        why = "how fast it comes and when it sounds, as there is no audio"
    elif timeline.requested is None:
        why = "how long it took to come, as nobody saw its text being sent"
    elif metrics.first_sound is None:
        why = f"when it was heard, as {_unheard(timeline)}"
    return f"Unknown is {why}." if why else ""


def _unheard(timeline: Timeline) -> str:
    if not timeline.listenings:
        return "no page has told of playing it"
    listening = timeline.listening
    if listening is None:
        return "no page has told of playing it from its beginning"
    if listening.place(listening.audible_on_page(0)) is not None:
        return "the browser does not tell how late its output is"
    return "the page's clock and the kernel's could not be related"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _span(seconds: float) -> str:
    """For reading aloud: milliseconds below a second, then seconds."""
    if abs(seconds) < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if abs(seconds) < 100 else f"{seconds:,.0f} s"
