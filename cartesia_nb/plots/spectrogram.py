"""The spectrograms of takes, with their words and phonemes beneath."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

from cartesia_nb.analysis.given import number
from cartesia_nb.analysis.mel import hz_to_mel, mel_rows, mel_to_hz
from cartesia_nb.analysis.stft import Grid, pooling, power
from cartesia_nb.errors import SettingsError
from cartesia_nb.plots.style import check_axes, describe, palette, say_instead, set_title
from cartesia_nb.plots.takes import TakeLike, as_takes, longest, names, remark, title
from cartesia_nb.speech.wording import shortened

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
_FEW_MEL_TICKS: Final = (0, 1000, 3000, 8000, 20000)
_COLOURS: Final = "magma"


@dataclass(frozen=True)
class _View:
    """What all takes of a figure share; ``None`` is for each take's own."""

    scale: Scale
    window: float
    hop: float | None
    limit: float
    db_range: float
    duration: float


def plot_spectrogram(
    take_or_takes: TakeLike | Iterable[TakeLike],
    ax: Axes | None = None,
    *,
    scale: Scale = "linear",
    window: float = DEFAULT_WINDOW_S,
    hop: float | None = None,
    max_frequency: float | None = None,
    db_range: float = 70.0,
    words: bool = True,
    phonemes: bool | None = None,
    labels: Sequence[str] | None = None,
) -> Axes:
    """Draw the level of each frequency over time, with words and phonemes beneath.

    Levels are in dB relative to a full-scale sine, so that takes can be compared; the brightest
    colour is the maximum of what is drawn, or -60 dB if nothing is louder. Several takes stand
    in rows, with one time axis, one frequency axis and one range of colours.

    Args:
        take_or_takes: a take, ended or not, or several to compare.
        ax: where to draw; a new figure if ``None``.
        scale: of the frequency axis, ``"linear"`` or ``"mel"``.
        window: length of the Hann window in seconds, up to 10. 0.025 shows harmonics and
            formants; 0.005 shows the single pulses of a voice.
        hop: seconds between frames, at most ``window``; as fine as the figure can show, and at
            least half overlapping, if ``None``.
        max_frequency: in Hz, up to half the sample rate; 8000, or half the rate, if ``None``. Of
            takes with several rates, the highest counts.
        db_range: how far under the maximum the colours reach, in dB.
        words: whether to write the words beneath, where the take has some. Words without room
            are left out; zoom in to see them.
        phonemes: likewise for the phonemes, under the words; ``None`` writes them where a take
            has some, ``True`` also says where there are none.
        labels: names for several takes; the beginnings of their texts if ``None``.

    Returns:
        The Axes: x in seconds, y in Hz (in mel on the mel scale, with ticks in kHz).
        ``ax.images[0]`` is the picture; of several takes, ``ax.child_axes`` are the rows and
        each has one. ``alt_text(ax)`` says in words what it shows.

    Raises:
        SettingsError: for an unknown scale, what is no number, lengths that do not fit together,
            a frequency beyond half the sample rate, a range that is not above 0, something that
            is no take, an ``ax`` that is no Axes, or labels that are not one for each.
    """
    check_axes(ax)
    takes = as_takes(take_or_takes)
    if scale not in SCALES:
        raise SettingsError(f"scale is {scale!r}; it must be 'linear' or 'mel'.")
    called = names(takes, labels)
    view = _View(
        scale=scale,
        window=number("window", window, "seconds", "0.025"),
        hop=None if hop is None else number("hop", hop, "seconds", "0.01"),
        limit=_limit(max_frequency, [take.sample_rate for take in takes]),
        db_range=number("db_range", db_range, "dB", "70"),
        duration=longest(takes),
    )
    grids = [_grid(view, take.sample_rate) for take in takes]
    # Only now, so that a refused setting leaves no empty figure behind.
    from cartesia_nb.plots.tiers import lay_out

    ax, places = lay_out(ax, takes, words=words, phonemes=phonemes)
    pictures = [
        _Picture.of(take, grid, view, round(2 * ax.bbox.width))
        for take, grid in zip(takes, grids, strict=True)
    ]
    # What is under any speech is not painted as bright as speech.
    top = max([_DIMMEST_TOP_DB, *(one.loudest for one in pictures if one.loudest is not None)])
    key = False
    for place, picture in zip(places, pictures, strict=True):
        image = picture.draw(place, view, top)
        if image is not None and not key:
            key = True
            _key(place, image)
        _frequency_axis(place, view, len(takes) > 1)
    if len(takes) > 1:
        from cartesia_nb.plots.rows import name_row

        for place, name, take in zip(places, called, takes, strict=True):
            note = remark(take)
            name_row(place, f"{name}: {shortened(note, 40)}" if note else name, on_picture=True)
    elif not takes:
        say_instead(ax, "no takes were given")
        _frequency_axis(ax, view, False)
    head = title("Spectrogram", takes)
    set_title(ax, head)
    describe(ax, _in_words(head, pictures, view, called))
    return ax


def _limit(max_frequency: object, rates: Sequence[int]) -> float:
    highest = max(rates, default=2 * DEFAULT_MAX_FREQUENCY)
    nyquist = highest / 2
    if max_frequency is None:
        return min(DEFAULT_MAX_FREQUENCY, nyquist)
    limit = number("max_frequency", max_frequency, "Hz", "8000")
    if limit > nyquist:
        raise SettingsError(
            f"max_frequency is {limit:g} Hz; a take at {highest:g} Hz holds frequencies "
            f"up to {nyquist:g} Hz, so give one of those or leave it out."
        )
    return limit


def _grid(view: _View, rate: int) -> Grid:
    window, hop = view.window, view.hop
    if hop is None:
        hop = max(
            min(view.duration / _COLUMNS[1], window / 2), min(_SHORTEST_HOP_S, window / 2), 1 / rate
        )
    return Grid.of(rate, window=window, hop=hop)


@dataclass(frozen=True)
class _Picture:
    """One take's levels.

    Attributes:
        power: shape ``(columns, bins)``; ``None`` without audio.
        loudest: in dB; ``None`` where there is nothing to paint.
        instead: what is there to say then.
    """

    take: TakeLike
    grid: Grid
    power: npt.NDArray[np.float32] | None
    span: float
    loudest: float | None
    instead: str

    @classmethod
    def of(cls, take: TakeLike, grid: Grid, view: _View, columns: int) -> _Picture:
        rate = take.sample_rate
        # What came since the axis was laid out lies beyond its end.
        samples = take.samples[: round(view.duration * rate)]
        if not len(samples):
            return cls(take, grid, None, 0.0, None, "no audio was received")
        columns = min(max(columns, _COLUMNS[0]), _COLUMNS[1])
        pool = pooling(grid.frames(round(view.duration * rate)), columns)
        limit = min(view.limit, rate / 2)
        bins = min(math.ceil(limit * grid.nfft / rate) + 1, grid.nfft // 2 + 1)
        own = -(-grid.frames(len(samples)) // pool)
        values = power(samples, grid, columns=own, bins=max(bins, 2))
        instead = "no sample is a number" if np.isnan(values).all() else "only silence"
        values = np.nan_to_num(values, nan=0.0)
        loudest = 10 * math.log10(max(float(values.max()), 10 ** (_QUIETEST_DB / 10)))
        return cls(
            take, grid, values, grid.hop / rate * pool,
            None if loudest <= _QUIETEST_DB else loudest, instead,
        )  # fmt: skip

    def draw(self, ax: Axes, view: _View, top: float) -> AxesImage | None:
        """The picture, each column as wide as its frames and each row centred on its bin."""
        values = self.power
        if values is None or self.loudest is None:
            say_instead(ax, self.instead)
            return None
        frequencies = self.grid.frequencies[: values.shape[1]]
        low, high = frequencies[0], frequencies[-1]
        if view.scale == "mel":
            values = mel_rows(values, frequencies, _MEL_ROWS)
            low, high = hz_to_mel(low), hz_to_mel(high)
        bottom = top - view.db_range
        decibels = 10 * np.log10(np.maximum(values.T, np.float32(10 ** (bottom / 10))))
        half = float(high - low) / (values.shape[1] - 1) / 2
        left = -self.grid.hop / self.take.sample_rate / 2
        right = left + self.span * values.shape[0]
        image = ax.imshow(
            decibels,
            origin="lower",
            aspect="auto",
            extent=(left, right, float(low) - half, float(high) + half),
            cmap=_COLOURS,
            vmin=bottom,
            vmax=top,
            interpolation_stage="data",
        )  # fmt: skip
        ax.set_xlim(0, view.duration)  # a picture moves the limits to its own
        self._draw_nothing_above(ax, view)
        return image

    def _draw_nothing_above(self, ax: Axes, view: _View) -> None:
        """What the take's rate cannot hold is no silence."""
        nyquist = self.take.sample_rate / 2
        if nyquist >= view.limit:
            return
        y0, y1 = (float(hz_to_mel(f)) if view.scale == "mel" else f for f in (nyquist, view.limit))
        ink = palette(ax).ink
        ax.axhspan(y0, y1, facecolor="none", edgecolor=ink, hatch="///", alpha=0.15, linewidth=0)
        ax.text(
            0.99, (y0 + y1) / 2, f"a rate of {self.take.sample_rate} Hz holds nothing here",
            transform=ax.get_yaxis_transform(), ha="right", va="center", fontsize="small",
            color=ink, clip_on=True,
        )  # fmt: skip


def _key(ax: Axes, image: AxesImage) -> None:
    """A small key to the colours inside the picture, so that the time axis keeps its width."""
    key = ax.inset_axes((0.985 - 0.14, 0.93, 0.14, 0.03))
    key.set_in_layout(False)
    low, high = image.get_clim()
    bar = ax.get_figure(root=True)
    assert bar is not None  # an Axes that was given may not be without a figure
    bar.colorbar(image, cax=key, orientation="horizontal", ticks=[])
    key.set_frame_on(False)
    key.text(
        -0.04, 0.5, f"{low:.0f} to {high:.0f} dB re full scale".replace("-", "\N{MINUS SIGN}"),
        transform=key.transAxes, ha="right", va="center", color="white", fontsize="small",
        bbox={"facecolor": "black", "alpha": 0.6, "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip


def _frequency_axis(ax: Axes, view: _View, short: bool) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

    if view.scale == "mel":
        ax.set_ylim(0, float(hz_to_mel(view.limit)))
        ticks = [tick for tick in (_FEW_MEL_TICKS if short else _MEL_TICKS) if tick <= view.limit]
        ax.yaxis.set_major_locator(FixedLocator(hz_to_mel(ticks).tolist()))
        ax.yaxis.set_major_formatter(
            FuncFormatter(lambda mel, _: f"{round(float(mel_to_hz(mel))) / 1000:g}")
        )
        ax.set_ylabel("kHz, mel scale" if short else "frequency (kHz, mel scale)")
        return
    ax.set_ylim(0, view.limit)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4 if short else 6, steps=[1, 2, 2.5, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda hertz, _: f"{hertz / 1000:g}"))
    ax.set_ylabel("kHz" if short else "frequency (kHz)")


def _in_words(head: str, pictures: Sequence[_Picture], view: _View, called: Sequence[str]) -> str:
    sentences = [f"{head}.".replace("\n", ", ")]
    if view.duration:
        sentences.append(f"It shows 0 to {view.limit / 1000:g} kHz on a {view.scale} scale.")
    for name, picture in zip(called, pictures, strict=True):
        take = picture.take
        lead = ""
        if len(pictures) > 1:
            lead = ", ".join(part for part in (name, remark(take)) if part) + ": "
        if picture.power is None:
            sentences.append(f"{lead}{'no' if lead else 'No'} audio was received.")
            continue
        level = (
            picture.instead
            if picture.loudest is None
            else f"the loudest is {picture.loudest:.0f} dB re full scale"
        )
        sentences.append(f"{lead}{len(take.samples) / take.sample_rate:.2f} s of audio, {level}.")
        if take.words:
            spoken = shortened(" ".join(word.text for word in take.words).strip() or "none", 200)
            closed = unicodedata.category(spoken[-1]) == "Po"
            sentences.append(f"Words: {spoken}{'' if closed else '.'}")
    return " ".join(sentences)
