"""What came of a take's settings: how fast, how loud and how high it is spoken, and its pauses.

What was not found is ``None``; it is never zero.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.counting import letters, without_markup, words_in

# Here as well for who looks at what was asked for and realised; plots need it below this layer.
from cartesia_nb.analysis.effect import Effect as Effect
from cartesia_nb.analysis.effect import effect as effect
from cartesia_nb.analysis.loudness import BLOCK_S, loudness
from cartesia_nb.analysis.onset import block_power, block_size
from cartesia_nb.analysis.pauses import Speech, speech_in
from cartesia_nb.analysis.pitch import HOP_S, pitch
from cartesia_nb.analysis.tilt import spectral_tilt
from cartesia_nb.errors import CartesiaNbError

if TYPE_CHECKING:
    from cartesia_nb.speech.recording import Word
    from cartesia_nb.speech.take import Take

_LEAST_S: Final = 0.1
"""Speech shorter than this has no rate: no word is."""

_SLACK_S: Final = 0.05
"""So far beyond the audio a word's end may be said to lie."""

_MOST_OUTSIDE: Final = 0.5
"""More sound than this outside the words' span, as a share of it, and their times are wrong."""

_LEAST_VOICED: Final = 0.1
"""Of speech that is not silence: with less there is no pitch (a whisper has about 0.01 by mistake,
a voice over 0.5)."""

_TAG_BEGINS: Final = re.compile(r"</?[A-Za-z][^<>]*$")


@dataclass(frozen=True, slots=True)
class Realised:
    """What one take realised of its settings. ``to_dict()`` gives plain values.

    Attributes:
        speech_seconds: the first speech → the last, pauses included.
        speaking_rate: words a minute over ``speech_seconds``; in languages written without spaces
            each letter is a word (``analysis.counting``).
        articulation_rate: words a minute, pauses left out.
        rate_source: where the span of speech came from: the words' times, or the signal.
        loudness: integrated, in LUFS (ITU-R BS.1770-4); ``None`` for silence, under 0.4 s, and
            without the extra ``analysis``.
        f0_median: of the voiced frames, in Hz; ``None`` where hardly any are, as in a whisper.
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
    read.

    Speech is from the first word's time to the last one's where the server gave such times and
    they make sense: within the audio and, of a take that is done, of the first and the last word of
    its text, with little sound outside them. Else it is found in the signal, as pauses always are
    (``analysis.pauses``). Words are those of the text (``analysis.counting``: letters, in languages
    without spaces); of a take that is not done, those whose times lie in what was received, and
    unknown without any.
    """
    samples, rate = take.samples, take.sample_rate
    block = block_size(rate)
    speech = speech_in(block_power(samples, block), block / rate)
    if speech is None:
        return Realised()
    spans = _timed(take, len(samples) / rate, speech)
    if spans:
        begin, end = float(spans[0].start), float(max(span.end for span in spans))
    else:
        begin, end = speech.begin, min(speech.end, len(samples) / rate)
    words = words_in(take.text) if take.state == "done" else _spoken(spans)
    silent = _overlap(speech.pauses, begin, end)
    lengths = speech.pauses[:, 1] - speech.pauses[:, 0]
    voiced = pitch(samples, rate)
    frequencies = voiced.frequency[voiced.voiced]
    if frequencies.size * HOP_S < _LEAST_VOICED * (speech.end - speech.begin - lengths.sum()):
        frequencies = frequencies[:0]
    low, median, high = (
        (float(value) for value in np.percentile(frequencies, (5, 50, 95)))
        if frequencies.size
        else (None, None, None)
    )
    return Realised(
        speech_seconds=end - begin,
        speaking_rate=_rate(words, end - begin),
        articulation_rate=_rate(words, end - begin - silent),
        rate_source="timestamps" if spans else "signal",
        loudness=_loudness(take),
        f0_median=median,
        f0_low=low,
        f0_high=high,
        f0_range=None if low is None or high is None else 12 * math.log2(high / low),
        pauses=len(lengths),
        pause_seconds=float(lengths.sum()),
        longest_pause=float(lengths.max()) if lengths.size else None,
        spectral_tilt=spectral_tilt(samples, rate),
    )


def _timed(take: Take, seconds: float, speech: Speech) -> list[Word]:
    """The spoken words' times in order, if they make sense; else nothing."""
    words = _without_tags(take.words)
    if not all(0 <= word.start <= word.end < math.inf for word in words):
        return []
    words.sort(key=lambda word: word.start)
    if take.state == "done":
        spoken = letters(without_markup(take.text))
        whole = words and spoken.startswith(letters(words[0].text))
        if not whole or not spoken.endswith(letters(words[-1].text)):
            return []
        begin, end = words[0].start, max(word.end for word in words)
        if end > seconds + _SLACK_S:
            return []
        outside = _sounding(speech, 0.0, begin) + _sounding(speech, end, seconds)
        if outside > _MOST_OUTSIDE * (end - begin):
            return []
    else:
        words = [word for word in words if word.end <= seconds + _SLACK_S]
    long = words and max(word.end for word in words) - words[0].start >= _LEAST_S
    return words if long else []


def _without_tags(words: Iterable[Word]) -> list[Word]:
    """Those that are spoken: servers have tags among the words, whole or cut at their spaces."""
    spoken, inside = [], False
    for word in words:
        text = without_markup(word.text)
        if inside:
            inside = ">" not in text
        elif _TAG_BEGINS.search(text):
            inside = True
        elif letters(text):
            spoken.append(word)
    return spoken


def _sounding(speech: Speech, begin: float, end: float) -> float:
    """Seconds of speech, pauses left out, that lie between the two."""
    whole = np.array([[speech.begin, speech.end]])
    return _overlap(whole, begin, end) - _overlap(speech.pauses, begin, end)


def _spoken(spans: list[Word]) -> int | None:
    return sum(words_in(span.text) for span in spans) or None


def _overlap(pauses: npt.NDArray[np.float64], begin: float, end: float) -> float:
    """Seconds of the pauses that lie between the two."""
    inside = np.clip(pauses, begin, max(begin, end))
    return float((inside[:, 1] - inside[:, 0]).sum())


def _rate(words: int | None, seconds: float) -> float | None:
    return 60 * words / seconds if words and seconds >= _LEAST_S else None


def _loudness(take: Take) -> float | None:
    if len(take.samples) / take.sample_rate < BLOCK_S:
        return None
    try:
        return loudness(take.samples, take.sample_rate)
    except CartesiaNbError:  # pyloudnorm is not installed
        return None
