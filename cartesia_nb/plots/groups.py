"""One figure of many takes, sorted into groups, cold and warm apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Final, TypeAlias, TypeGuard, cast

import numpy as np
import numpy.typing as npt

from cartesia_nb.errors import SettingsError
from cartesia_nb.plots.takes import TakeLike, one_each
from cartesia_nb.speech.metrics import Metrics

Row: TypeAlias = Mapping[str, object]
"""A row of ``session.history``."""

Subject: TypeAlias = "TakeLike | Row"
Subjects: TypeAlias = "Subject | Iterable[Subject]"
Key: TypeAlias = "str | Callable[[Subject], object]"

FIGURES: Final = frozenset(field.name for field in fields(Metrics))

_ABSENT: Final = object()


@dataclass
class Group:
    """The takes of one row of a figure.

    Attributes:
        label: what they have in common; empty if nothing was asked for.
        cold: whether a connection was opened for them; ``None`` if that is unknown.
        values: those that are known, in the order of the takes.
        unknown: how many are not.
    """

    label: str
    cold: bool | None
    values: list[float] = field(default_factory=list)
    unknown: int = 0

    @property
    def temperature(self) -> str:
        """``cold``, ``warm``, or that it is unknown."""
        if self.cold is None:
            return "unknown if cold"
        return "cold" if self.cold else "warm"

    def quantiles(self, *shares: float) -> npt.NDArray[np.float64]:
        """Quantiles of the known values, interpolated between neighbours."""
        return np.quantile(np.array(self.values, dtype=np.float64), shares)


def members(takes: Subjects | Mapping[str, Subjects]) -> list[tuple[str, list[Subject]]]:
    """The takes or rows by their label; it is empty where the caller gave none.

    Raises:
        SettingsError: something is neither take nor row.
    """
    if isinstance(takes, Mapping) and not _is_row(takes):
        return [(str(name), _several(some)) for name, some in takes.items()]
    return [("", _several(takes))]


def sort_out(
    named: Sequence[tuple[str, list[Subject]]],
    metric: str,
    by: Key | None,
    labels: Sequence[str] | None,
) -> list[Group]:
    """Groups in the order in which their labels come; cold before warm before unknown.

    Raises:
        SettingsError: a field that one has not; a metric that is no number; a number of labels
            other than of groups.
    """
    groups: dict[tuple[str, bool | None], Group] = {}
    order: dict[str, int] = {}
    for name, subjects in named:
        for subject in subjects:
            label = name
            if by is not None:
                value = str(_field(subject, by))
                label = f"{name}, {value}" if name else value
            cold = _cold(subject)
            order.setdefault(label, len(order))
            group = groups.setdefault((label, cold), Group(label, cold))
            value_or_none = _value(subject, metric)
            if value_or_none is None:
                group.unknown += 1
            else:
                group.values.append(value_or_none)
    if labels is not None:
        if not one_each(labels, len(order)):
            raise SettingsError(
                f"labels is {labels!r} for {len(order)} groups "
                f"({', '.join(repr(name) for name in order)}); give one for each."
            )
        for group in groups.values():
            group.label = str(labels[order[group.label]])
    temperatures = [True, False, None]
    keys = sorted(groups, key=lambda key: (order[key[0]], temperatures.index(key[1])))
    return [groups[key] for key in keys]


def backends_of(named: Sequence[tuple[str, list[Subject]]]) -> str:
    """Who spoke, each named once, in order; empty if the rows do not say."""
    found = (str(_field(one, "backend", default="")) for _, many in named for one in many)
    return ", ".join(filter(None, dict.fromkeys(found)))


def failed(named: Sequence[tuple[str, list[Subject]]]) -> int:
    """How many failed."""
    states = (_field(one, "state", default="") for _, many in named for one in many)
    return sum(state == "failed" for state in states)


def _is_row(plain: Mapping[str, object]) -> bool:
    """Whether it is one take's row and not groups by label: a figure's name, plain values."""
    return not FIGURES.isdisjoint(plain) and not any(
        hasattr(value, "timeline") or _iterable(value) for value in plain.values()
    )


def _several(subjects: object) -> list[Subject]:
    # A take can be iterated over as well.
    if hasattr(subjects, "timeline") or isinstance(subjects, Mapping):
        return [cast("Subject", subjects)]
    found = list(subjects) if _iterable(subjects) else [subjects]
    for member in found:
        if not hasattr(member, "timeline") and not isinstance(member, Mapping):
            raise SettingsError(
                f"{member!r} is neither a take nor a row of session.history; give takes, rows, "
                "or a mapping such as {'near': takes, 'far': other_takes}."
            )
    return cast("list[Subject]", found)


def _iterable(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes))


def _field(subject: Subject, by: Key, *, default: object = _ABSENT) -> object:
    if not isinstance(by, str):
        return by(subject)
    if isinstance(subject, Mapping):
        value = subject.get(by, default)
    else:
        value = getattr(subject, by, getattr(getattr(subject, "settings", None), by, default))
    if value is _ABSENT:
        raise SettingsError(
            f"by is {by!r}, which a take given has not; give a field of takes, of their settings "
            "or of the rows, such as 'backend' or 'voice', or a function of a take."
        )
    return value


def _cold(subject: Subject) -> bool | None:
    cold = subject.get("cold") if isinstance(subject, Mapping) else subject.timeline.cold
    # Tables read back from files bring numbers and texts for it.
    return bool(cold) if isinstance(cold, (bool, np.bool_)) else None


def _value(subject: Subject, metric: str) -> float | None:
    if isinstance(subject, Mapping):
        value = subject.get(metric)
    else:
        value = getattr(subject.metrics, metric)
    if value is None:
        return None
    if isinstance(value, (bool, str, bytes)) or not hasattr(value, "__float__"):
        raise SettingsError(f"{metric} is {value!r} in a row; it must be a number or None.")
    number = float(value)
    return number if math.isfinite(number) else None
