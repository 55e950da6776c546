"""What is heard in a blind trial: takes without their names, equally loud and equally long."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cartesia_nb.analysis.loudness import BLOCK_S, loudness, peak
from cartesia_nb.errors import CartesiaNbError, SettingsError
from cartesia_nb.protocol.encodings import Samples, decode
from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.timeline import Timeline
from cartesia_nb.tuning.candidates import same_text
from cartesia_nb.tuning.places import LEAST_S, Spoken, places

CEILING_DB: Final = -1.0
"""No sample is louder, in dBFS: what a loudspeaker makes of the samples may lie between them."""

_LEAD_S: Final = (0.02, 0.1)
"""Silence before a stimulus, drawn for each; its end leaves at least the first as well."""

_JITTER_S: Final = 0.002
"""Anchors are moved by so much at most, so that X's tell no more than its sound does."""

_NOBODY: Final = Backend("server", "hidden until it is answered")


@dataclass(frozen=True)
class Measured:
    """How loud a take is.

    Attributes:
        loudness: integrated, in LUFS; ``None`` where it can't be said.
        peak: in dBFS; ``None`` for silence.
        why: why there is no loudness, in a few words; empty where there is.
    """

    loudness: float | None
    peak: float | None
    why: str = ""

    @classmethod
    def of(cls, samples: Samples, sample_rate: int) -> Measured:
        """Of samples at a rate in Hz."""
        most = peak(samples)
        if len(samples) < BLOCK_S * sample_rate:
            return cls(None, most, f"shorter than {BLOCK_S:g} s")
        try:
            found = loudness(samples, sample_rate)
        except CartesiaNbError as error:  # an extra that is not installed
            return cls(None, most, str(error))
        return cls(found, most, "silent" if found is None else "")


@dataclass(frozen=True)
class Matched:
    """Signals of the same loudness.

    Attributes:
        signals: the samples, where they could be measured by gain alone as loud as the others.
        loudness: theirs now, in LUFS; ``None`` if none could be measured.
        unmatched: the index of each that could not be measured, and why.
    """

    signals: tuple[Samples, ...]
    loudness: float | None
    unmatched: tuple[tuple[int, str], ...]


def possible(takes: Iterable[Measured], target: float | None = None) -> float | None:
    """The loudest level in LUFS that each can be brought to with no sample above ``CEILING_DB``,
    at most ``target``; ``None`` if none can be measured."""
    levels = [
        each.loudness + CEILING_DB - each.peak
        for each in takes
        if each.loudness is not None and each.peak is not None
    ]
    return min([*levels, *([] if target is None else [target])]) if levels else None


def matched(signals: Sequence[Samples], sample_rate: int, target: float | None = None) -> Matched:
    """Bring signals to one loudness as ITU-R BS.1770 measures it, by gain alone.

    Args:
        signals: mono, full scale at ±1.0; not written.
        sample_rate: of all, in Hz.
        target: in LUFS; where a peak does not allow it, and without one, the loudest that all can
            have.

    What can't be measured keeps its level, or is made as soft as its peaks demand.
    """
    measured = [Measured.of(signal, sample_rate) for signal in signals]
    level = possible(measured, target)
    result = []
    for signal, each in zip(signals, measured, strict=True):
        if level is not None and each.loudness is not None:
            gain = level - each.loudness
        else:
            gain = min(0.0, CEILING_DB - (each.peak if each.peak is not None else CEILING_DB))
        scaled = np.nan_to_num(signal, nan=0.0, posinf=0.0, neginf=0.0) * 10 ** (gain / 20)
        result.append(scaled.astype(np.float32))
    unmatched = tuple((index, each.why) for index, each in enumerate(measured) if each.why)
    return Matched(tuple(result), level, unmatched)


def common_rate(takes: Iterable[Take]) -> int:
    """The highest of the takes' rates, in Hz, to which the others can be brought.

    Raises:
        SettingsError: they differ, and nothing that resamples is installed.
    """
    rates = sorted({take.sample_rate for take in takes})
    if len(rates) > 1:
        try:
            import soxr  # noqa: F401
        except ImportError as error:
            raise SettingsError(
                f"The takes' sample rates differ ({', '.join(map(str, rates))} Hz), and they are "
                f"brought to one with soxr, which can't be imported ({error}). Run: pip install "
                '"cartesia-nb[local]", or generate all at one rate.'
            ) from error
    return rates[-1]


def samples_of(take: Take, sample_rate: int) -> Samples:
    """A take's samples at a rate in Hz, resampled where it is not its own."""
    # Not take.samples, which would stay decoded in memory.
    samples = decode(take.pcm, take.settings.encoding)
    if take.sample_rate == sample_rate or not len(samples):
        return samples
    import soxr

    finite = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    return np.asarray(soxr.resample(finite, take.sample_rate, sample_rate), dtype=np.float32)


def dithered(samples: Samples) -> bytes:
    """Samples as 16-bit PCM, with triangular dither of one step's width to each side.

    The error is white and knows nothing of the signal, and each call gives other bytes.
    """
    chance = np.random.default_rng(secrets.randbits(128))
    noise = chance.random(len(samples), np.float32) - chance.random(len(samples), np.float32)
    steps = np.rint(samples.astype(np.float64) * 32768 + noise)
    return bytes(steps.clip(-32768, 32767).astype("<i2").tobytes())


def neutral(pcm: bytes, sample_rate: int, text: str = "") -> Recording:
    """A recording of 16-bit PCM that tells nothing of where it came from: its id is random, its
    settings and its backend are the same for all."""
    recording = Recording(Settings(encoding="pcm_s16le", sample_rate=sample_rate), _NOBODY)
    recording.restore(
        text=text,
        pcm=pcm,
        words=(),
        phonemes=(),
        timeline=Timeline(sample_rate, 2, created=0.0),
        state="done",
        error=None,
    )
    return recording


@dataclass(frozen=True)
class Stimuli:
    """What is heard in one trial.

    Attributes:
        recordings: in the order of what was given.
        places: as ``Places.seconds``.
        words: texts of words and the anchors where they begin, as far as all spell them alike.
        by_words: whether places were found by words.
    """

    recordings: tuple[Recording, ...]
    places: list[list[float]]
    words: list[tuple[str, int]]
    by_words: bool


def stimuli(takes: Sequence[Take], sample_rate: int, target: float | None) -> Stimuli:
    """Make takes ready for one trial; the same take may be there twice.

    Each gets a silence of its own before it and is followed by silence until all are equally long,
    is brought to the loudness of the others, and dithered to 16 bit. So neither bytes nor lengths
    tell which are of the same take, nor do two trials share them.

    Args:
        takes: in the order in which they are shown.
        sample_rate: of all, in Hz.
        target: in LUFS, see ``matched``.
    """
    signals = [samples_of(take, sample_rate) for take in takes]
    spoken = [
        Spoken.of(signal, sample_rate, take.words)
        for take, signal in zip(takes, signals, strict=True)
    ]
    common = places(spoken)
    chance = secrets.SystemRandom()
    leads = [round(chance.uniform(*_LEAD_S) * sample_rate) for _ in takes]
    longest = max(lead + len(signal) for lead, signal in zip(leads, signals, strict=True))
    total = longest + round(_LEAD_S[0] * sample_rate)
    text = " ".join(takes[0].text.split()) if same_text(takes) else ""
    recordings = []
    # Measured without the silence around, which counts for short ones: of the same take twice the
    # one would be louder.
    for lead, signal in zip(leads, matched(signals, sample_rate, target).signals, strict=True):
        whole = np.zeros(total, np.float32)
        whole[lead : lead + len(signal)] = signal
        recordings.append(neutral(dithered(whole), sample_rate, text))
    anchors = []
    for lead, row in zip(leads, common.seconds, strict=True):
        moved = (at + lead / sample_rate + chance.uniform(-_JITTER_S, _JITTER_S) for at in row)
        anchors.append([0.0, *moved, total / sample_rate])
    words = [(spelled[0], index + 1) for spelled, index in common.words if len(set(spelled)) == 1]
    return Stimuli(tuple(recordings), anchors, words, common.by_words)


assert 2 * _JITTER_S < LEAST_S
