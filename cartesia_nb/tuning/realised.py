"""What came of a take's settings: how fast, how loud and how high it is spoken, and its pauses.

What was not found is ``None``; it is never zero.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cartesia_nb.speech.take import Take


@dataclass(frozen=True, slots=True)
class Realised:
    """What one take realised of its settings. ``to_dict()`` gives plain values.

    Attributes:
        speech_seconds: the first speech → the last, pauses included.
        speaking_rate: words a minute over ``speech_seconds``.
        articulation_rate: words a minute, pauses left out.
        rate_source: where the span of speech came from: the words' times, or the signal.
        loudness: integrated, in LUFS (ITU-R BS.1770-4); ``None`` for silence, under 0.4 s, and
            without the extra ``analysis``.
        f0_median: of the voiced frames, in Hz.
        f0_low: their 5th percentile, in Hz.
        f0_high: their 95th percentile, in Hz.
        f0_range: semitones from ``f0_low`` to ``f0_high``.
        pauses: how many silences of 0.15 s or more lie within the speech.
        pause_seconds: how long they are together.
        longest_pause: the longest, in seconds; ``None`` if there is none.
        spectral_tilt: in dB an octave; more negative is darker.
    """

    speech_seconds: float | None = None
    speaking_rate: float | None = None
    articulation_rate: float | None = None
    rate_source: Literal["timestamps", "signal"] | None = None
    loudness: float | None = None
    f0_median: float | None = None
    f0_low: float | None = None
    f0_high: float | None = None
    f0_range: float | None = None
    pauses: int | None = None
    pause_seconds: float | None = None
    longest_pause: float | None = None
    spectral_tilt: float | None = None

    def to_dict(self) -> dict[str, float | int | str | None]:
        """Every figure by its name, in plain values: for JSON, or a row of a table."""
        return asdict(self)


def realised_of(take: Take) -> Realised:
    """What the take realised, as far as it has come. Any thread but the network loop: samples are
    read."""
    return Realised()
