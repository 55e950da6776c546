"""How loud a take is, as ITU-R BS.1770-4 measures it, in LUFS (which the standard calls LKFS).

The weighting's filters come from pyloudnorm, in the variant whose coefficients are the standard's
own (its name there is "DeMan"): a full-scale sine of 997 Hz reads -3.01 LUFS at 48 kHz, as the
standard demands. pyloudnorm's default reads 0.04 LU less at 48 kHz and 0.2 LU less at 8 kHz.
They run over slabs of the samples here, so that an hour needs no more memory than a minute.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.given import number
from cartesia_nb.errors import CartesiaNbError, SettingsError

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Edges = npt.NDArray[np.intp]

BLOCK_S: Final = 0.4
STEP_S: Final = 0.1
"""From block to block where loudness is integrated: blocks overlap by 75 %."""

ABSOLUTE_GATE: Final = -70.0
RELATIVE_GATE: Final = -10.0
SILENCE: Final = -100.0
"""In LUFS; momentary values under it are none, as rounding to 16 bits alone is about as loud."""

_LEAST_HOP_S: Final = 0.001
_SLAB: Final = 1 << 19


def loudness(samples: Samples, sample_rate: int) -> float | None:
    """The integrated loudness in LUFS; ``None`` for silence.

    The mean power of the K-weighted blocks of 0.4 s that pass two gates: at -70 LUFS, and 10 LU
    below the loudness of what passed the first. A take shorter than a block is one block of its
    own length, so that its loudness is that of all of it, not gated but at -70 LUFS.

    Args:
        samples: mono, full scale at ±1.0, shape ``(n,)``; neither copied nor written. What is no
            number is silence.
        sample_rate: in Hz.

    Returns:
        What pyloudnorm's ``Meter(sample_rate, "DeMan").integrated_loudness(samples)`` returns from
        0.4 s on, within 0.001 LU; ``None`` where nothing is above -70 LUFS.

    Raises:
        CartesiaNbError: the extra ``analysis`` is not installed.
        SettingsError: the rate is not above 0.

    Source: ITU-R BS.1770-4 (2015), annex 1.
    """
    _check_rate(sample_rate)
    seconds = len(samples) / sample_rate
    if seconds >= BLOCK_S:
        # As pyloudnorm lays them: the last may reach beyond the end by half a step.
        index = np.arange(round((seconds - BLOCK_S) / STEP_S) + 1)
        starts = (BLOCK_S * (index * (STEP_S / BLOCK_S)) * sample_rate).astype(np.intp)
        stops = (BLOCK_S * (index * (STEP_S / BLOCK_S) + 1) * sample_rate).astype(np.intp)
        power = _energies(samples, sample_rate, starts, stops) / (BLOCK_S * sample_rate)
    else:
        whole = np.array([0]), np.array([len(samples)])
        power = _energies(samples, sample_rate, *whole) / max(len(samples), 1)
    heard = power[_lufs(power) > ABSOLUTE_GATE]
    if heard.size == 0:
        return None
    relative = float(_lufs(heard.mean())) + RELATIVE_GATE
    return float(_lufs(heard[_lufs(heard) > relative].mean()))


def momentary(samples: Samples, sample_rate: int, hop: float = STEP_S) -> tuple[Floats, Floats]:
    """The loudness of each 0.4 s, not gated, as a meter's needle shows it.

    Args:
        samples: mono, full scale at ±1.0, shape ``(n,)``; neither copied nor written. What is no
            number is silence.
        sample_rate: in Hz.
        hop: seconds from one block's start to the next one's, from 0.001 to 0.4.

    Returns:
        Times, in seconds of each block's middle, and LUFS, NaN under -100; both of shape
        ``(blocks,)``. Only blocks that lie in the take are measured; a take shorter than 0.4 s is
        one block of its own length, an empty one has none.

    Raises:
        CartesiaNbError: the extra ``analysis`` is not installed.
        SettingsError: a rate or hop that makes no sense.

    Source: ITU-R BS.1770-4, annex 1; the window and the name from EBU Tech 3341 (2016), 2.2.
    """
    _check_rate(sample_rate)
    hop = number("hop", hop, "s", "0.1")
    if not _LEAST_HOP_S <= hop <= BLOCK_S:
        raise SettingsError(
            f"hop is {hop:g} s; it must be from {_LEAST_HOP_S:g} to {BLOCK_S:g} s (a block's "
            "length), such as 0.1."
        )
    length = min(round(BLOCK_S * sample_rate), len(samples))
    if length == 0:
        _filters(sample_rate)  # so that what is missing is said whatever the take
        return np.zeros(0), np.zeros(0)
    count = int((len(samples) - length) / sample_rate / hop + 1e-6) + 1
    starts = np.round(np.arange(count) * hop * sample_rate).astype(np.intp)
    starts = np.minimum(starts, len(samples) - length)
    values = _lufs(_energies(samples, sample_rate, starts, starts + length) / length)
    return (starts + length / 2) / sample_rate, np.where(values < SILENCE, np.nan, values)


def peak(samples: Samples) -> float | None:
    """The level of the sample furthest from zero in dBFS; ``None`` without any sound.

    The sample peak, not the true peak of BS.1770-4's annex 2, which lies between samples and can
    be some tenths of a dB higher.

    Args:
        samples: full scale at ±1.0, shape ``(n,)``. What is no number is silence.
    """
    most = 0.0
    for first in range(0, len(samples), _SLAB):
        part = np.nan_to_num(samples[first : first + _SLAB], nan=0.0, posinf=0.0, neginf=0.0)
        most = max(most, float(part.max()), -float(part.min()))
    return 20 * math.log10(most) if most > 0 else None


def _energies(samples: Samples, sample_rate: int, starts: Edges, stops: Edges) -> Floats:
    """The sum of squares of the K-weighted samples in each block."""
    # Sums between neighbouring edges first: blocks overlap, and each sample is filtered once.
    # Differences of running sums would lose the quiet after the loud.
    edges = np.unique(np.concatenate([starts, stops]))
    between = np.zeros(len(edges))
    for first, power in _weighted(samples, sample_rate):
        inside = edges[(edges > first) & (edges < first + len(power))]
        cuts = np.concatenate([[0], inside - first])
        slots = np.searchsorted(edges, cuts + first, side="right") - 1
        between[slots] += np.add.reduceat(power, cuts)
    low, high = np.searchsorted(edges, starts), np.searchsorted(edges, stops)
    total = np.zeros(len(starts))
    for further in range(int((high - low).max(initial=0))):
        slot = low + further
        total += np.where(slot < high, between[np.minimum(slot, len(edges) - 1)], 0.0)
    return total


def _weighted(samples: Samples, sample_rate: int) -> Iterator[tuple[int, Floats]]:
    """Slabs of the K-weighted samples, squared, as ``(index of the first, values)``."""
    sections = _filters(sample_rate)
    from scipy.signal import sosfilt

    state = np.zeros((len(sections), 2))
    for first in range(0, len(samples), _SLAB):
        part = np.nan_to_num(samples[first : first + _SLAB], nan=0.0, posinf=0.0, neginf=0.0)
        # In float64: a high-pass so far below the rate would drown the quiet in float32's rounding.
        weighted, state = sosfilt(sections, part.astype(np.float64), zi=state)
        yield first, np.square(weighted, out=weighted)


def _filters(sample_rate: int) -> Floats:
    """The K-weighting as second-order sections, shape ``(2, 6)``."""
    try:
        from pyloudnorm import IIRfilter
    except ImportError as error:
        raise CartesiaNbError(
            f"Loudness is measured with pyloudnorm, which can't be imported ({error}). Run: "
            'pip install "cartesia-nb[analysis]"'
        ) from error
    # The analogue filters behind the standard's table of coefficients, which is for 48 kHz alone:
    # gain in dB, Q and frequency in Hz, as pyloudnorm's meter of that name gives them.
    shelf = IIRfilter(3.99984385397, 0.7071752369554193, 1681.9744509555319, sample_rate,
                      "high_shelf_DeMan")  # fmt: skip
    high_pass = IIRfilter(0.0, 0.5003270373253953, 38.13547087613982, sample_rate,
                          "high_pass_DeMan")  # fmt: skip
    return np.array([[*one.b, *one.a] for one in (shelf, high_pass)], dtype=np.float64)


def _lufs(power: npt.ArrayLike) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10 * np.log10(np.asarray(power, dtype=np.float64)))


def _check_rate(sample_rate: int) -> None:
    if sample_rate <= 0:
        raise SettingsError(f"sample_rate is {sample_rate} Hz; it must be above 0.")
