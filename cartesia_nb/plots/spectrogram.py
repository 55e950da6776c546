"""A take's spectrogram, with its words beneath."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.mel import hz_to_mel, mel_rows, mel_to_hz
from cartesia_nb.analysis.stft import Grid, pooling, power
from cartesia_nb.errors import SettingsError
from cartesia_nb.plots.style import describe, new_axes, say_instead, set_title
from cartesia_nb.plots.takes import TakeLike, remark, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

Scale = Literal["linear", "mel"]

SCALES: Final = ("linear", "mel")
DEFAULT_WINDOW_S: Final = 0.025
DEFAULT_MAX_FREQUENCY: Final = 8000.0

_SHORTEST_HOP_S: Final = 0.001
_QUIETEST_DB: Final = -120.0
_DIMMEST_TOP_DB: Final = -60.0
_MEL_ROWS: Final = 320
_COLUMNS: Final = (400, 4000)
_MEL_TICKS: Final = (0, 250, 500, 1000, 2000, 4000, 8000, 16000)
_COLOURS: Final = "magma"


def plot_spectrogram(
    take: TakeLike,
    ax: Axes | None = None,
    *,
    scale: Scale = "linear",
    window: float = DEFAULT_WINDOW_S,
    hop: float | None = None,
    max_frequency: float | None = None,
    db_range: float = 70.0,
    words: bool = True,
) -> Axes:
    """Draw the level of each frequency over time, with the words beneath.

    Levels are in dB relative to a full-scale sine, so two takes can be compared; the brightest
    colour is the take's own maximum, or -60 dB if nothing is louder.

    Args:
        take: a take, ended or not.
        ax: where to draw; a new figure if ``None``.
        scale: of the frequency axis, ``"linear"`` or ``"mel"``.
        window: length of the Hann window in seconds. 0.025 shows harmonics and formants; 0.005
            shows the single pulses of a voice.
        hop: seconds between frames, at most ``window``; as fine as the figure can show, and at
            least half overlapping, if ``None``.
        max_frequency: in Hz, up to half the sample rate; 8000, or half the rate, if ``None``.
        db_range: how far under the maximum the colours reach, in dB.
        words: whether to write the words beneath, where the take has some. Words without room
            are left out; zoom in to see them.

    Returns:
        The Axes: x in seconds, y in Hz (in mel on the mel scale, with ticks in kHz);
        ``ax.images[0]`` is the picture; ``alt_text(ax)`` says in words what it shows.

    Raises:
        SettingsError: for an unknown scale, lengths that do not fit together, a frequency beyond
            half the sample rate, or a range that is not above 0.
    """
    samples, rate = take.samples, take.sample_rate
    limit = _checked_limit(max_frequency, rate)
    if scale not in SCALES:
        raise SettingsError(f"scale is {scale!r}; it must be 'linear' or 'mel'.")
    if not math.isfinite(db_range) or db_range <= 0:
        raise SettingsError(f"db_range is {db_range!r}; it must be above 0 dB, such as 70.")
    duration = len(samples) / rate
    wanted = hop
    if wanted is None:
        wanted = max(min(duration / _COLUMNS[1], window / 2), min(_SHORTEST_HOP_S, window / 2))
        wanted = max(wanted, 1 / rate)
    grid = Grid.of(rate, window=window, hop=wanted)
    # Only now, so that a refused setting leaves no empty figure behind.
    ax = new_axes() if ax is None else ax
    level = "no audio"
    if len(samples):
        columns = min(max(round(2 * ax.bbox.width), _COLUMNS[0]), _COLUMNS[1])
        bins = min(math.ceil(limit * grid.nfft / rate) + 1, grid.nfft // 2 + 1)
        values = power(samples, grid, columns=columns, bins=max(bins, 2))
        span = (grid.hop / rate) * pooling(grid.frames(len(samples)), columns)
        left = -grid.hop / rate / 2
        image, level = _draw(ax, values, grid, scale, db_range, left, span)
        if image is not None:
            _key(ax, image)
    if level in ("no audio", "silence"):
        say_instead(ax, "no audio was received" if level == "no audio" else "only silence")
    ax.set_xlim(0, duration or 1.0)
    _frequency_axis(ax, scale, limit)
    ax.set_xlabel("time (s)")
    if words and take.words and len(samples):
        from cartesia_nb.plots.wordstrip import WordStrip

        WordStrip(ax, take.words)
    note = remark(take)
    title = f"Spectrogram: {take.backend.label}"
    set_title(ax, f"{title}\n{note}" if note else title)
    describe(ax, _in_words(title, note, take, duration, limit, level, scale))
    return ax


def _checked_limit(max_frequency: float | None, rate: int) -> float:
    nyquist = rate / 2
    if max_frequency is None:
        return min(DEFAULT_MAX_FREQUENCY, nyquist)
    if not math.isfinite(max_frequency) or not 0 < max_frequency <= nyquist:
        raise SettingsError(
            f"max_frequency is {max_frequency!r} Hz; a take at {rate} Hz holds frequencies above "
            f"0 and up to {nyquist:g} Hz, so give one of those or leave it out."
        )
    return float(max_frequency)


def _draw(
    ax: Axes,
    values: npt.NDArray[np.float32],
    grid: Grid,
    scale: Scale,
    db_range: float,
    left: float,
    span: float,
) -> tuple[AxesImage | None, str]:
    """The picture, each column as wide as its frames and each row centred on its bin."""
    values = np.nan_to_num(values, nan=0.0)
    top = 10 * math.log10(max(float(values.max()), 10 ** (_QUIETEST_DB / 10)))
    frequencies = grid.frequencies[: values.shape[1]]
    low, high = frequencies[0], frequencies[-1]
    if scale == "mel":
        values = mel_rows(values, frequencies, _MEL_ROWS)
        low, high = hz_to_mel(low), hz_to_mel(high)
    if top <= _QUIETEST_DB:
        return None, "silence"
    loudest = top
    # What is under any speech is not painted as bright as speech.
    top = max(top, _DIMMEST_TOP_DB)
    decibels = 10 * np.log10(np.maximum(values.T, np.float32(10 ** ((top - db_range) / 10))))
    half = float(high - low) / (values.shape[1] - 1) / 2
    image = ax.imshow(
        decibels,
        origin="lower",
        aspect="auto",
        extent=(left, left + span * values.shape[0], float(low) - half, float(high) + half),
        cmap=_COLOURS,
        vmin=top - db_range,
        vmax=top,
        interpolation_stage="data",
    )
    return image, f"{loudest:.0f}"


def _key(ax: Axes, image: AxesImage) -> None:
    """A small key to the colours inside the picture, so that the time axis keeps its width."""
    from matplotlib.patheffects import withStroke

    key = ax.inset_axes((0.985 - 0.14, 0.93, 0.14, 0.03))
    key.set_in_layout(False)
    low, high = image.get_clim()
    bar = ax.get_figure(root=True)
    assert bar is not None  # an Axes that was given may not be without a figure
    bar.colorbar(image, cax=key, orientation="horizontal", ticks=[])
    key.set_frame_on(False)
    text = key.text(
        -0.04, 0.5, f"{low:.0f} to {high:.0f} dB re full scale".replace("-", "\N{MINUS SIGN}"),
        transform=key.transAxes, ha="right", va="center", color="white", fontsize="small",
    )  # fmt: skip
    text.set_path_effects([withStroke(linewidth=2.5, foreground="black")])


def _frequency_axis(ax: Axes, scale: Scale, limit: float) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

    if scale == "mel":
        ax.set_ylim(0, float(hz_to_mel(limit)))
        ticks = [tick for tick in _MEL_TICKS if tick <= limit]
        ax.yaxis.set_major_locator(FixedLocator(hz_to_mel(ticks).tolist()))
        ax.yaxis.set_major_formatter(
            FuncFormatter(lambda mel, _: f"{round(float(mel_to_hz(mel))) / 1000:g}")
        )
        ax.set_ylabel("frequency (kHz, mel scale)")
        return
    ax.set_ylim(0, limit)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda hertz, _: f"{hertz / 1000:g}"))
    ax.set_ylabel("frequency (kHz)")


def _in_words(
    title: str,
    note: str,
    take: TakeLike,
    duration: float,
    limit: float,
    level: str,
    scale: Scale,
) -> str:
    sentences = [f"{title}{', ' if note else ''}{note}."]
    if level == "no audio":
        return f"{sentences[0]} No audio was received."
    axis = "mel" if scale == "mel" else "linear"
    sentences.append(f"{duration:.2f} s of audio, 0 to {limit / 1000:g} kHz on a {axis} scale.")
    sentences.append(
        "It is silent." if level == "silence" else f"The loudest is {level} dB re full scale."
    )
    if take.words:
        spoken = shortened(" ".join(word.text for word in take.words), 200)
        sentences.append(f"Words: {spoken}")
    return " ".join(sentences)
