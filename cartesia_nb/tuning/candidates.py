"""The takes that are to be compared, and what each is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from cartesia_nb.errors import SettingsError
from cartesia_nb.speech.settings import FIELDS
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.wording import plain, shortened

Given: TypeAlias = "Iterable[Take] | Mapping[str, Take | Iterable[Take]]"
"""Takes; or takes by what they are called, where each may have several, one for each text."""

_LABEL_LENGTH: Final = 40
_USAGE: Final = "give two or more takes, or a mapping of label to take"


@dataclass(frozen=True)
class Candidate:
    """One of those that are compared.

    Attributes:
        label: what it is called; no other is called so.
        takes: one, or one for each text, in the same order for all candidates.
    """

    label: str
    takes: tuple[Take, ...]


def candidates(given: Given, labels: Sequence[str] | None = None) -> tuple[Candidate, ...]:
    """What was given to be compared, checked.

    Args:
        given: a sequence of takes, or a mapping of label to take or to a sequence of takes.
        labels: for a sequence, what each take is called; by default what their settings differ in.

    Raises:
        SettingsError: it is fewer than two, something is no take, a take is still being spoken or
            has no audio, or the labels are not one for each, or two are the same.
    """
    if isinstance(given, Mapping):
        if labels is not None:
            raise SettingsError(
                "labels was given beside a mapping, whose keys are the labels; leave it out."
            )
        called = [str(label) for label in given]
        rows = [_takes_of(each) for each in given.values()]
    else:
        takes = _takes_of(given)
        called = _checked_labels(labels, len(takes)) if labels is not None else _default(takes)
        rows = [(take,) for take in takes]
    if len(rows) < 2:
        raise SettingsError(f"There is nothing to compare: {len(rows)} of takes; {_USAGE}.")
    called = [shortened(plain(label), _LABEL_LENGTH) for label in called]
    for number, label in enumerate(called):
        if not label:
            raise SettingsError(f"Label {number + 1} is empty; give each take a name.")
        if label in called[:number]:
            raise SettingsError(
                f"The label {label!r} is there twice; give each take a name of its own, such as "
                f"{label + ' 2'!r}."
            )
    result = tuple(Candidate(label, takes) for label, takes in zip(called, rows, strict=True))
    for candidate in result:
        if not candidate.takes:
            raise SettingsError(f"{candidate.label!r} has no takes; {_USAGE}.")
        for take in candidate.takes:
            _check(take, candidate.label)
    return result


def same_text(takes: Iterable[Take]) -> bool:
    """Whether all of them say the same, but for spaces."""
    return len({" ".join(take.text.split()) for take in takes}) == 1


def _takes_of(given: object) -> tuple[Take, ...]:
    if isinstance(given, Take):
        return (given,)
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise SettingsError(f"{shortened(repr(given), 60)} is no take; {_USAGE}.")
    found = tuple(given)
    for each in found:
        if not isinstance(each, Take):
            raise SettingsError(f"{shortened(repr(each), 60)} is no take; {_USAGE}.")
    return found


def _check(take: Take, label: str) -> None:
    if not take._recording.ended:
        raise SettingsError(
            f"The take {label!r} is still being spoken; wait for it first, with await take or "
            "take.wait()."
        )
    if take.duration == 0:
        why = f" ({take.state})" if take.state != "done" else ""
        raise SettingsError(f"The take {label!r} has no audio{why}; leave it out.")


def _checked_labels(labels: Sequence[str], count: int) -> list[str]:
    given: object = labels
    called = [] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)
    if len(called) != count:
        raise SettingsError(
            f"labels is {shortened(repr(labels), 80)} for {count} takes; give a list with one for "
            "each."
        )
    return [str(label) for label in called]


def _default(takes: Sequence[Take]) -> list[str]:
    """What the takes' settings differ in, else their texts, else their numbers."""
    differ = [
        name for name in FIELDS if len({repr(getattr(take.settings, name)) for take in takes}) > 1
    ]
    said = [
        ", ".join(_setting(name, getattr(take.settings, name)) for name in differ[:3])
        for take in takes
    ]
    if not differ and not same_text(takes):
        said = [f"“{shortened(plain(take.text), 30)}”" for take in takes]
    used: dict[str, int] = {}
    result = []
    for label in said:
        used[label] = used.get(label, 0) + 1
        if said.count(label) == 1 and label:
            result.append(label)
        else:
            # What stands first survives the cut.
            result.append(f"take {used[label]}" + (f", {label}" if label else ""))
    return result


def _setting(name: str, value: object) -> str:
    shown = "as it is" if value is None else shortened(plain(str(value)), 16)
    return f"{name} {shown}"
