"""The short-time Fourier transform, in float32 and without a copy of the samples.

Frame ``k`` is centred on sample ``k * hop``; what a frame would read before the first sample
or after the last is zero. Lengths are in samples here; ``Grid.of`` takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from cartesia_nb.analysis.given import number
from cartesia_nb.errors import SettingsError

LONGEST_WINDOW_S: Final = 10.0
"""A bound on the memory of one transform; nothing about speech needs a window of over 1 s."""

Samples = npt.NDArray[np.float32]
Spectrum = npt.NDArray[np.complex64]
Power = npt.NDArray[np.float32]

_BATCH: Final = 1 << 19
"""Values transformed at a time: fits the cache, and bounds the memory beside the result."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the frames lie and how long their transform is; lengths in samples.

    Attributes:
        sample_rate: in Hz.
        window: samples under the Hann window, at least 2.
        hop: samples from one frame's centre to the next one's, from 1 to ``window``.
        nfft: length of the transform, at least ``window``.

    Raises:
        SettingsError: for anything else.
    """

    sample_rate: int
    window: int
    hop: int
    nfft: int

    def __post_init__(self) -> None:
        if self.sample_rate <= 0:
            raise SettingsError(f"sample_rate is {self.sample_rate} Hz; it must be above 0.")
        if self.window < 2:
            raise SettingsError(
                f"window is {self.window} samples at {self.sample_rate} Hz; it must be at least "
                f"2, so give {_ms(2, self.sample_rate)} or more."
            )
        if self.hop < 1:
            raise SettingsError(
                f"hop is {self.hop} samples at {self.sample_rate} Hz; it must be at least 1, so "
                f"give {_ms(1, self.sample_rate)} or more."
            )
        if self.hop > self.window:
            raise SettingsError(
                f"hop is {self.hop} samples and the window {self.window}, so sound between the "
                "frames would not be seen: give a shorter hop or a longer window."
            )
        if self.nfft < self.window:
            raise SettingsError(
                f"nfft is {self.nfft} samples; it must be at least the window's {self.window}."
            )

    @classmethod
    def of(cls, sample_rate: int, *, window: float, hop: float, nfft: int | None = None) -> Grid:
        """A grid from lengths in seconds.

        ``nfft`` is the next power of two from ``window`` on, unless given (in samples).

        Raises:
            SettingsError: for lengths that are no numbers, not finite, not above zero, too long
                or do not fit together.
        """
        window = number("window", window, "seconds", "0.025")
        hop = number("hop", hop, "seconds", "0.01")
        if window > LONGEST_WINDOW_S:
            raise SettingsError(
                f"window is {window:g} seconds; it must be at most {LONGEST_WINDOW_S:g}, and "
                "0.025 is usual for speech."
            )
        if hop > window and round(window * sample_rate) >= 2:
            raise SettingsError(
                f"hop ({hop * 1000:.4g} ms) is longer than window ({window * 1000:.4g} ms), so "
                "sound between the frames would not be seen: give a shorter hop or a longer window."
            )
        length = round(window * sample_rate)
        return cls(
            sample_rate=sample_rate,
            window=length,
            hop=round(hop * sample_rate),
            nfft=1 << max(length - 1, 1).bit_length() if nfft is None else nfft,
        )

    def frames(self, count: int) -> int:
        """How many frames ``count`` samples have: those whose centre lies on a sample."""
        return -(-count // self.hop)

    def times(self, count: int) -> npt.NDArray[np.float64]:
        """Seconds of the centre of each frame of ``count`` samples, shape ``(frames,)``."""
        return np.arange(self.frames(count), dtype=np.float64) * self.hop / self.sample_rate

    @property
    def frequencies(self) -> npt.NDArray[np.float64]:
        """Hz of each bin, 0 to Nyquist, shape ``(nfft // 2 + 1,)``."""
        return np.arange(self.nfft // 2 + 1, dtype=np.float64) * self.sample_rate / self.nfft


def hann(window: int) -> Samples:
    """The periodic Hann window, ``0.5 - 0.5 cos(2πn/N)``, shape ``(window,)``.

    Source: F. J. Harris, "On the use of windows for harmonic analysis with the discrete
    Fourier transform", Proceedings of the IEEE 66(1), 1978, section V-C.
    """
    angle = 2 * np.pi / window * np.arange(window)
    return np.asarray(0.5 - 0.5 * np.cos(angle), dtype=np.float32)


def stft(samples: Samples, grid: Grid) -> Spectrum:
    """``X[k, m] = Σ_n w[n] x[n + k·hop - window // 2] e^(-2πi·mn / nfft)``, not scaled.

    Args:
        samples: mono, shape ``(n,)``.
        grid: where the frames lie.

    Returns:
        complex64, shape ``(frames, nfft // 2 + 1)``; the phase counts from the frame's start.
    """
    spectrum = np.empty((grid.frames(len(samples)), grid.nfft // 2 + 1), dtype=np.complex64)
    window = hann(grid.window)
    for first, frames in _batches(samples, grid):
        spectrum[first : first + len(frames)] = np.fft.rfft(frames * window, n=grid.nfft)
    return spectrum


def power(
    samples: Samples, grid: Grid, *, columns: int | None = None, bins: int | None = None
) -> Power:
    """The spectrogram's power, where a full-scale sine on a bin is 1.0 (0 dB).

    ``|X|² / (Σw / 2)²``: the scaling of a spectrum rather than of a density, so that a tone
    reads its level whatever the window.

    Args:
        samples: mono, full scale at ±1.0, shape ``(n,)``.
        grid: where the frames lie.
        columns: if given, ``pooling(...)`` neighbours at a time are reduced to their maximum, so
            that no more columns remain and no short sound gets lost between them.
        bins: keep only so many bins, from 0 Hz up.

    Returns:
        float32, shape ``(columns, bins)``.
    """
    total = grid.frames(len(samples))
    pool = pooling(total, columns)
    keep = grid.nfft // 2 + 1 if bins is None else bins
    result = np.zeros((-(-total // pool), keep), dtype=np.float32)
    window = hann(grid.window)
    scale = np.float32((2 / float(window.sum(dtype=np.float64))) ** 2)
    for first, frames in _batches(samples, grid):
        spectrum = np.fft.rfft(frames * window, n=grid.nfft)[:, :keep]
        # Floats far beyond full scale have no finite power; that is no news worth a warning.
        with np.errstate(over="ignore", invalid="ignore"):
            part = spectrum.real**2
            part += spectrum.imag**2
        left = first // pool
        edges = np.arange(left, (first + len(frames) - 1) // pool + 1) * pool - first
        pooled = np.maximum.reduceat(part, np.maximum(edges, 0), axis=0) if pool > 1 else part
        target = result[left : left + len(pooled)]
        np.maximum(target, pooled, out=target)
    result *= scale
    return result


def pooling(frames: int, columns: int | None) -> int:
    """How many frames share a column so that ``frames`` fit into ``columns``; 1 for ``None``."""
    return 1 if columns is None else max(1, -(-frames // columns))


def _batches(samples: Samples, grid: Grid) -> Iterator[tuple[int, Samples]]:
    """Consecutive frames as ``(index of the first, view of shape (some, window))``.

    Only the frames that reach over an end of the samples are made from a (short) copy.
    """
    total = grid.frames(len(samples))
    half = grid.window // 2
    inner = min(-(-half // grid.hop), total)
    outer = max((len(samples) - grid.window + half) // grid.hop + 1, inner)
    outer = min(outer, total) if len(samples) >= grid.window else inner
    step = max(1, _BATCH // grid.nfft)
    if inner > 0:
        yield from _edge(samples, grid, 0, inner, step)
    if outer > inner:
        views = sliding_window_view(samples, grid.window)[inner * grid.hop - half :: grid.hop]
        for first in range(inner, outer, step):
            yield first, views[first - inner : min(first + step, outer) - inner]
    if total > outer:
        yield from _edge(samples, grid, outer, total, step)


def _edge(
    samples: Samples, grid: Grid, first: int, stop: int, step: int
) -> Iterator[tuple[int, Samples]]:
    for begin in range(first, stop, step):
        end = min(begin + step, stop)
        left = begin * grid.hop - grid.window // 2
        padded = np.zeros((end - 1 - begin) * grid.hop + grid.window, dtype=np.float32)
        source = samples[max(left, 0) : left + len(padded)]
        padded[max(-left, 0) : max(-left, 0) + len(source)] = source
        yield begin, sliding_window_view(padded, grid.window)[:: grid.hop]


def _ms(samples: int, sample_rate: int) -> str:
    return f"{samples / sample_rate * 1000:.3g} ms"
