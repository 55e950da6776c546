"""The pitch of a voice: its fundamental frequency (F0) over time, and where there is none.

Source of the method: P. Boersma, "Accurate short-term analysis of the fundamental frequency and
the harmonics-to-noise ratio of a sampled sound", Proceedings of the Institute of Phonetic
Sciences 17, University of Amsterdam, 1993, pages 97-110. Its thresholds and costs have the
values of Praat's manual, "Sound: To Pitch (raw autocorrelation)".
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from cartesia_nb.analysis.given import number
from cartesia_nb.analysis.path import best_path
from cartesia_nb.errors import SettingsError

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float32]

FLOOR: Final = 75.0
CEILING: Final = 500.0
HOP_S: Final = 0.01
LOWEST_FLOOR: Final = 10.0
"""In Hz; under it there is no voice, and a window would last 0.3 s and more."""

SILENCE_THRESHOLD: Final = 0.03
VOICING_THRESHOLD: Final = 0.45
OCTAVE_COST: Final = 0.01

_PERIODS: Final = 3
"""Of the floor, that a window holds: what the paper finds enough for F0."""

_CANDIDATES: Final = 14
_LAGS_PER_S: Final = 32000
"""At least so many lags a second are computed, so that a parabola finds the peak between them."""

_BATCH: Final = 1 << 18
"""Values transformed at a time: fits the cache, and bounds the memory beside the candidates."""

_SLAB: Final = 1 << 20


@dataclass(frozen=True, eq=False, slots=True)
class Pitch:
    """F0 in frames, all of shape ``(frames,)``.

    Attributes:
        times: seconds of each frame's centre, from 0 on, float64.
        frequency: Hz, NaN where unvoiced, float32.
        strength: how periodic the sound is, from 0 (not at all) to 1 (each period is like the
            last), float32: the height of the autocorrelation at the period chosen; where
            unvoiced, at the best candidate.
    """

    times: npt.NDArray[np.float64]
    frequency: Floats
    strength: Floats

    @property
    def voiced(self) -> npt.NDArray[np.bool_]:
        """Whether there is a pitch, for each frame."""
        return ~np.isnan(self.frequency)

    @property
    def median(self) -> float | None:
        """The median F0 of the voiced frames in Hz; ``None`` if there is none."""
        voiced = self.frequency[self.voiced]
        return float(np.median(voiced)) if voiced.size else None


def pitch(
    samples: Samples,
    sample_rate: int,
    *,
    hop: float = HOP_S,
    floor: float = FLOOR,
    ceiling: float = CEILING,
) -> Pitch:
    """Track F0 by the autocorrelation of Hann-windowed frames, as Boersma (1993).

    Each frame's autocorrelation is divided by that of the window; its highest maxima are the
    candidates, a little preferred when higher (0.01 an octave); a frame that is quiet against the
    loudest sample of all prefers to be unvoiced; and the path through the frames with the most
    strength and the least jumps decides.

    Args:
        samples: mono, shape ``(n,)``; neither copied nor written. What is no number is silence.
        sample_rate: in Hz.
        hop: seconds between the frames' centres, at most the window's length.
        floor: the lowest F0 in Hz, from 10 on; the window is as long as three of its periods
            (40 ms at 75 Hz).
        ceiling: the highest F0 in Hz, above the floor and at most half the sample rate.

    Returns:
        A frame at each ``k * hop`` that lies in the take. Beyond both ends there is silence, so
        within half a window of them a frame has less to be voiced by.

    Raises:
        SettingsError: for anything else.

    Ten minutes at 44.1 kHz take a few seconds of one core; the memory beside the samples is
    some 20 MB, and 1 MB more a minute.
    """
    check(sample_rate, hop, floor, ceiling)
    count = math.ceil(round(len(samples) / sample_rate / hop, 6))
    times = np.arange(count, dtype=np.float64) * hop
    mean, peak = _mean_and_peak(samples)
    if peak == 0:
        nothing = np.zeros(count, dtype=np.float32)
        return Pitch(times, np.full(count, np.nan, dtype=np.float32), nothing)
    window = _Window.of(sample_rate, floor, ceiling)
    frequencies = np.zeros((count, _CANDIDATES + 1), dtype=np.float32)
    heights = np.zeros((count, _CANDIDATES + 1), dtype=np.float32)
    strengths = np.empty((count, _CANDIDATES + 1), dtype=np.float32)
    centres = np.minimum(np.round(times * sample_rate).astype(np.intp), len(samples) - 1)
    for first, frames in _batches(samples, centres, window.length, mean, peak):
        stop = first + len(frames)
        window.candidates(
            frames, frequencies[first:stop], heights[first:stop], strengths[first:stop]
        )
    chosen = best_path(frequencies, strengths, hop)[:, None]
    found = np.take_along_axis(frequencies, chosen, axis=1)[:, 0]
    strength = np.take_along_axis(heights, chosen, axis=1)[:, 0]
    voiced = found > 0
    strength = np.where(voiced, strength, heights[:, 1:].max(axis=1))
    return Pitch(times, np.where(voiced, found, np.float32(np.nan)), strength)


@dataclass(frozen=True, eq=False, slots=True)
class _Window:
    """A frame's window, and what its autocorrelation is divided by."""

    rate: int
    floor: float
    ceiling: float
    length: int
    weights: Floats
    nfft: int
    """Of the transform of a frame."""
    up: int
    """Lags computed for each sample's length."""
    own: Floats
    """The window's autocorrelation at each lag that is computed."""

    @classmethod
    def of(cls, rate: int, floor: float, ceiling: float) -> _Window:
        length = max(round(_PERIODS / floor * rate), 4)
        # Symmetric about the frame's centre; periodic windows are for spectra.
        weights = np.hanning(length + 2)[1:-1]
        # A lag of one period and a peak's other side must not wrap around.
        reach = math.ceil(rate / floor) + 2
        nfft = _quick(length + reach)
        up = 1 << max(math.ceil(math.log2(_LAGS_PER_S / rate)), 0)
        spectrum = np.abs(np.fft.rfft(weights, n=nfft)) ** 2
        own = np.fft.irfft(spectrum, n=nfft * up)[: reach * up]
        return cls(
            rate, floor, ceiling, length, weights.astype(np.float32), nfft, up,
            (own / own[0]).astype(np.float32),
        )  # fmt: skip

    def candidates(
        self, frames: Floats, frequencies: Floats, heights: Floats, strengths: Floats
    ) -> None:
        """Fill in each frame's candidates; the first is to be unvoiced.

        Args:
            frames: shape ``(some, length)``, the loudest sample of the take at 1; written over.
            frequencies: Hz, left at 0 where there is no candidate, shape ``(some, candidates)``.
            heights: of the autocorrelation, the same shape.
            strengths: what the path weighs, the same shape.
        """
        frames -= frames.mean(axis=1, keepdims=True)
        middle = self._middle
        loudest = np.abs(frames[:, middle]).max(axis=1)
        strengths.fill(-np.inf)
        quiet = 2 - loudest * np.float32((1 + VOICING_THRESHOLD) / SILENCE_THRESHOLD)
        strengths[:, 0] = np.float32(VOICING_THRESHOLD) + np.maximum(quiet, 0)
        frames *= self.weights
        curve = self._autocorrelation(frames)
        rows, lags = self._maxima(curve)
        before, at, after = curve[rows, lags - 1], curve[rows, lags], curve[rows, lags + 1]
        bend = 2 * at - before - after
        slope = after - before
        shift = np.divide(slope, 2 * bend, out=np.zeros_like(bend), where=bend > 0)
        height = at + slope * shift / 4
        # Above 1 are artefacts of a short window: the further above, the less like a period.
        height = np.where(height > 1, 1 / height, height)
        frequency = np.float32(self.rate * self.up) / (lags + shift)
        fits = (frequency >= self.floor) & (frequency <= self.ceiling)
        rows, frequency, height = rows[fits], frequency[fits], height[fits]
        strength = height - np.float32(OCTAVE_COST) * np.log2(self.floor / frequency)
        # The strongest of each frame, strongest first.
        order = np.lexsort((-strength, rows))
        rows, frequency, height, strength = (
            values[order] for values in (rows, frequency, height, strength)
        )
        rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
        kept = rank < _CANDIDATES
        place = rows[kept], rank[kept] + 1
        frequencies[place] = frequency[kept]
        heights[place] = height[kept]
        strengths[place] = strength[kept]

    @property
    def _middle(self) -> slice:
        """The one longest period about the frame's centre."""
        half = max(self.length // (2 * _PERIODS), 1)
        return slice(self.length // 2 - half, self.length // 2 + half + 1)

    def _autocorrelation(self, frames: Floats) -> Floats:
        """Normalised and with the window's divided out, shape ``(some, lags)``."""
        spectrum = np.fft.rfft(frames, n=self.nfft)
        power = spectrum.real**2
        power += spectrum.imag**2
        if self.up > 1:
            power[:, -1] /= 2  # the last bin stands for both signs of its frequency from here on
        whole = np.fft.irfft(power, n=self.nfft * self.up)
        curve: Floats = whole[:, : len(self.own)].astype(np.float32, copy=False)
        energy = curve[:, :1].copy()
        np.divide(curve, energy, out=curve, where=energy > 0)
        curve /= self.own
        return curve

    def _maxima(self, curve: Floats) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Frame and lag of each maximum that might win, ordered by frame."""
        first = max(math.floor(self.rate * self.up / self.ceiling) - 1, 1)
        inner = curve[:, first:-1]
        peaks = inner > curve[:, first - 1 : -2]
        peaks &= inner >= curve[:, first + 1 :]
        peaks &= inner > np.float32(VOICING_THRESHOLD / 2)
        rows, lags = np.nonzero(peaks)
        return rows, lags + first


def _batches(
    samples: Samples, centres: npt.NDArray[np.intp], length: int, mean: float, peak: float
) -> Iterator[tuple[int, Floats]]:
    """Consecutive frames as ``(index of the first, array of their own)``.

    Without the mean, within ±1, and 0 beyond the ends and where there is no number.
    """
    step = max(1, _BATCH // length)
    for first in range(0, len(centres), step):
        starts = centres[first : first + step] - length // 2
        left = int(starts[0])
        part = np.zeros(int(starts[-1]) - left + length, dtype=np.float32)
        source = _numbers(samples[max(left, 0) : left + len(part)], mean)
        # Divided first: the difference of two of the largest floats would be none.
        source = source / np.float32(peak) - np.float32(mean / peak)
        part[max(-left, 0) : max(-left, 0) + len(source)] = source
        yield first, sliding_window_view(part, length)[starts - left]


def _numbers(samples: Samples, instead: float) -> Samples:
    """A copy with ``instead`` where there is no finite number."""
    return np.nan_to_num(samples, nan=instead, posinf=instead, neginf=instead)


def _mean_and_peak(samples: Samples) -> tuple[float, float]:
    """The mean, and how far the sample furthest from it is; 0 if none is."""
    total, low, high = 0.0, math.inf, -math.inf
    for first in range(0, len(samples), _SLAB):
        part = _numbers(samples[first : first + _SLAB], 0.0)
        total += float(part.sum(dtype=np.float64))
        low, high = min(low, float(part.min())), max(high, float(part.max()))
    if low >= high:
        return 0.0, 0.0
    mean = total / len(samples)
    peak = min(max(high - mean, mean - low), float(np.finfo(np.float32).max))
    return mean, peak if peak > np.finfo(np.float32).tiny else 0.0


def _quick(count: int) -> int:
    """The next even length from ``count`` on that transforms quickly: 2, 3 and 5 its factors."""
    length = count + count % 2
    while True:
        rest = length
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return length
        length += 2


def check(sample_rate: int, hop: float, floor: float, ceiling: float) -> None:
    """Hold settings of ``pitch()`` to what it can do, before anything is drawn.

    Raises:
        SettingsError: for one that makes no sense.
    """
    if sample_rate <= 0:
        raise SettingsError(f"sample_rate is {sample_rate} Hz; it must be above 0.")
    floor = number("floor", floor, "Hz", "75")
    ceiling = number("ceiling", ceiling, "Hz", "500")
    hop = number("hop", hop, "s", "0.01")
    if floor < LOWEST_FLOOR:
        raise SettingsError(
            f"floor is {floor:g} Hz; it must be at least {LOWEST_FLOOR:g} Hz, such as 75, or 50 "
            "for a very deep voice."
        )
    if not floor < ceiling <= sample_rate / 2:
        raise SettingsError(
            f"ceiling is {ceiling:g} Hz; it must be above the floor ({floor:g} Hz) and at most "
            f"half the sample rate ({sample_rate / 2:g} Hz), such as 500."
        )
    length = _PERIODS / floor
    if not 1 / sample_rate <= hop <= length:
        raise SettingsError(
            f"hop is {hop:g} s; it must be at least one sample ({1 / sample_rate:.2g} s) and at "
            f"most the window ({length:.3g} s: three periods of the floor), such as 0.01."
        )
