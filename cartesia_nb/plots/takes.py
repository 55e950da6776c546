"""What a figure needs to know of a take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from cartesia_nb.errors import SettingsError
from cartesia_nb.plots.style import can_draw
from cartesia_nb.speech.metrics import Metrics
from cartesia_nb.speech.timeline import Timeline
from cartesia_nb.speech.wording import shortened


class BackendLike(Protocol):
    """Who spoke."""

    @property
    def label(self) -> str: ...


class WordLike(Protocol):
    """A word and its span in seconds from the take's beginning."""

    @property
    def text(self) -> str: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...


class TakeLike(Protocol):
    """The part of a Take that is plotted; anything with these can be."""

    @property
    def samples(self) -> npt.NDArray[np.float32]: ...
    @property
    def sample_rate(self) -> int: ...
    @property
    def words(self) -> Sequence[WordLike]: ...
    @property
    def phonemes(self) -> Sequence[WordLike]: ...
    @property
    def text(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def error(self) -> BaseException | None: ...
    @property
    def backend(self) -> BackendLike: ...
    @property
    def timeline(self) -> Timeline: ...
    @property
    def metrics(self) -> Metrics: ...


def as_takes(take_or_takes: TakeLike | Iterable[TakeLike]) -> list[TakeLike]:
    """One take or many, as a list.

    Raises:
        SettingsError: something is no take.
    """
    # A take can be iterated over as well. isinstance() would read every property, samples too.
    if hasattr(take_or_takes, "timeline"):
        return [cast("TakeLike", take_or_takes)]
    given: object = take_or_takes
    many = isinstance(given, Iterable) and not isinstance(given, (str, bytes, Mapping))
    takes = list(take_or_takes) if many else [cast("TakeLike", given)]
    for take in takes:
        if not hasattr(take, "timeline"):
            raise SettingsError(
                f"{shortened(repr(take), 60)} is no take; give a take, or several, such as "
                "session.history.takes."
            )
    return takes


def one_each(labels: object, number: int) -> bool:
    """Whether ``labels`` are so many names."""
    # A text is a sequence of texts too, and never meant so.
    return isinstance(labels, Sized) and not isinstance(labels, str) and len(labels) == number


def names(takes: Sequence[TakeLike], labels: Sequence[str] | None) -> list[str]:
    """What to call each of several takes: its label, else the beginning of its text.

    Raises:
        SettingsError: the labels are not one for each take.
    """
    if labels is not None:
        if not one_each(labels, len(takes)):
            raise SettingsError(
                f"labels is {labels!r} for {len(takes)} takes; give a list with one for each."
            )
        return [str(label) for label in labels]
    result = []
    for index, take in enumerate(takes):
        text = " ".join(take.text.split())
        if text and can_draw(text):
            result.append(f"{index + 1} “{shortened(text, 24)}”")
        else:
            result.append(f"take {index + 1}")
    return result


def longest(takes: Iterable[TakeLike]) -> float:
    """Seconds of the longest one's audio; 0.0 without any."""
    return max((len(take.samples) / take.sample_rate for take in takes), default=0.0)


def title(figure: str, takes: Sequence[TakeLike]) -> str:
    """What the figure is and who spoke; of a single take also what to know of it."""
    if not takes:
        return f"{figure}: no takes"
    line = f"{figure}: {backends(takes)}"
    if len(takes) > 1:
        return f"{line}, {len(takes)} takes"
    note = remark(takes[0])
    return f"{line}\n{note}" if note else line


def backends(takes: Iterable[TakeLike]) -> str:
    """Who spoke, each named once, in order."""
    return ", ".join(dict.fromkeys(take.backend.label for take in takes))


def remark(take: TakeLike) -> str:
    """What a reader must know before trusting the figure; empty for a take that is done."""
    if take.state == "done":
        return ""
    if take.state == "failed" and take.error is not None:
        return "failed: " + shortened(" ".join(str(take.error).split()), 80)
    return {"connecting": "not answered yet", "speaking": "still being spoken"}.get(
        take.state, take.state
    )
