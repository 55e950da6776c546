"""Is the whole of a take in a recording, and where? By normalised cross-correlation."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray
from scipy.signal import correlate, resample_poly

Samples = NDArray[np.float32]

#: A second of the reference quieter than this against its loudest is not judged: it is a pause.
PAUSE = 0.01


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where the reference lies in the recording, and how alike they are there.

    Correlations are 1 for the same shape at any volume, 0 for unrelated sound.
    """

    #: The recording's sample at which the reference begins; negative where its start is cut off.
    offset: int
    #: The same in seconds.
    start: float
    #: Over the whole reference; a part that the recording lacks counts as silence.
    correlation: float
    #: For each second of the reference; None in a pause.
    per_second: tuple[float | None, ...]
    #: How loud the recording is against the reference.
    gain: float

    @property
    def worst(self) -> float:
        """The least alike second: a gap, a repeat or a shift anywhere shows here."""
        return min((c for c in self.per_second if c is not None), default=0.0)


def align(
    recording: Samples, reference: Samples, *, recording_rate: int, reference_rate: int
) -> Alignment:
    """Lay `reference` over `recording` where they agree best, once and for its whole length.

    Both 1-D float32. The reference is resampled to the recording's rate.

    Raises:
        ValueError: one of them is empty or silent, so there is nothing to compare.
    """
    for name, samples in (("recording", recording), ("reference", reference)):
        if not np.any(samples):
            raise ValueError(f"The {name} ({samples.size} samples) is empty or silent.")
    wanted = np.asarray(reference, np.float64)
    if reference_rate != recording_rate:
        common = gcd(reference_rate, recording_rate)
        wanted = resample_poly(wanted, recording_rate // common, reference_rate // common)
    heard = np.asarray(recording, np.float64)
    likeness = correlate(heard, wanted, mode="full", method="fft")
    offset = int(np.argmax(likeness)) - (wanted.size - 1)

    under = np.zeros(wanted.size)
    first, last = max(offset, 0), min(offset + wanted.size, heard.size)
    under[first - offset : last - offset] = heard[first:last]

    loudest = max(
        _rms(wanted[at : at + recording_rate]) for at in range(0, wanted.size, recording_rate)
    )
    seconds: list[float | None] = []
    for at in range(0, wanted.size, recording_rate):
        piece = wanted[at : at + recording_rate]
        quiet = _rms(piece) < PAUSE * loudest
        seconds.append(None if quiet else _alike(under[at : at + recording_rate], piece))
    return Alignment(
        offset=offset,
        start=offset / recording_rate,
        correlation=_alike(under, wanted),
        per_second=tuple(seconds),
        gain=float(np.dot(under, wanted) / np.dot(wanted, wanted)),
    )


def _rms(x: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(x * x))) if x.size else 0.0


def _alike(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    size = float(np.sqrt(np.dot(a, a) * np.dot(b, b)))
    return float(np.dot(a, b)) / size if size else 0.0


def pieces(
    recording: Samples,
    reference: Samples,
    *,
    recording_rate: int,
    reference_rate: int,
    seconds: float = 0.5,
    slip: float = 0.3,
) -> list[float | None]:
    """For each piece of the reference, how alike the recording is where the piece belongs.

    A loudspeaker that runs dry on a busy machine shifts what follows, which ruins the correlation
    over the whole without anything being lost; so each piece may lie up to `slip` seconds off the
    place the piece before it was found at. None for a piece that is a pause.
    """
    whole = align(
        recording, reference, recording_rate=recording_rate, reference_rate=reference_rate
    )
    wanted = np.asarray(reference, np.float64)
    if reference_rate != recording_rate:
        common = gcd(reference_rate, recording_rate)
        wanted = resample_poly(wanted, recording_rate // common, reference_rate // common)
    heard = np.asarray(recording, np.float64)
    size, reach = round(seconds * recording_rate), round(slip * recording_rate)
    loudest = max(_rms(wanted[at : at + size]) for at in range(0, wanted.size, size))
    found: list[float | None] = []
    # Where they agree best may lie behind a slip: the first piece is looked for all before it too.
    shift, back = whole.offset, reach + recording_rate
    for at in range(0, wanted.size, size):
        piece = wanted[at : at + size]
        if _rms(piece) < PAUSE * loudest:
            found.append(None)
            continue
        first = max(at + shift - back, 0)
        window = heard[first : at + shift + piece.size + reach]
        if window.size < piece.size:
            found.append(0.0)
            continue
        place = int(np.argmax(correlate(window, piece, mode="valid", method="fft")))
        found.append(_alike(window[place : place + piece.size], piece))
        shift, back = first + place - at, reach
    return found
