"""From a sweep's arguments to its texts and settings. No I/O.

A list, tuple, range, array, column of a data frame or table of voices is an axis, of which every
value is taken; anything else is one value for all.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from cartesia_nb.errors import SettingsError, TextError
from cartesia_nb.speech.settings import FIELDS, Settings
from cartesia_nb.speech.sources import checked_text
from cartesia_nb.speech.voices import Voice
from cartesia_nb.speech.wording import shortened

_NESTED = ("output_format", "generation_config")


def texts_of(given: object) -> tuple[str, ...]:
    """The texts to speak, from one or from any number of them.

    Raises:
        TextError: there is none, or one is empty, only spaces, or no text.
    """
    if isinstance(given, str):
        return (_text(given, "The text"),)
    if isinstance(given, bytes | bytearray | Mapping) or not isinstance(given, Iterable):
        raise TextError(
            f"The texts are {_shown(given)}; a sweep takes a str, or a list or other iterable of "
            "str."
        )
    if isinstance(given, set | frozenset):
        raise TextError(
            "The texts are a set, which has another order in the next process, that then could not "
            "go on. Give a list: sorted(texts)."
        )
    if hasattr(given, "columns"):  # to go through it gives the names of those
        raise TextError(
            f'The texts are a table ({type(given).__name__}); give one column of it: table["text"].'
        )
    texts = tuple(_text(each, f"Text {number}") for number, each in enumerate(given, 1))
    if not texts:
        raise TextError("There are no texts to speak: the list is empty. Give it at least one.")
    return texts


def _text(given: object, what: str) -> str:
    if not isinstance(given, str):
        raise TextError(f"{what} is {_shown(given)}; only str can be spoken.")
    if not given.strip():
        raise TextError(f"{what} is empty or only spaces. Give it some words, or leave it out.")
    return checked_text(given)


def settings_of(base: Settings, given: object, grid: Mapping[str, object]) -> tuple[Settings, ...]:
    """The settings that each text is spoken with.

    Args:
        base: what holds where nothing else is said.
        given: instead of a grid, a list of ``Settings`` or of dicts, each over ``base``.
        grid: names of settings, and for each a value or an axis. The last axis varies fastest.

    Raises:
        SettingsError: both were given, something in them is unknown, out of range or twice there,
            or there is nothing in one of them.
    """
    if given is not None and grid:
        raise SettingsError(
            f"A sweep takes settings=[...] or a grid ({', '.join(grid)}=...), not both: put what "
            "is the same for all into each of the settings."
        )
    made = _listed(base, given) if given is not None else _combined(base, grid)
    seen: dict[Settings, int] = {}
    for number, each in enumerate(made, 1):
        before = seen.setdefault(each, number)
        if before != number:
            raise SettingsError(
                f"Settings {before} and {number} are the same: {each}. Give each once; repeats=... "
                "says how often it is spoken."
            )
    return made


def _listed(base: Settings, given: object) -> tuple[Settings, ...]:
    if isinstance(given, str | Mapping | Settings) or not isinstance(given, Iterable):
        raise SettingsError(
            f"settings is {_shown(given)}; it takes a list of Settings or of dicts, one for each "
            "way to speak."
        )
    made = []
    for number, each in enumerate(given, 1):
        if isinstance(each, Settings):
            made.append(each)
        elif isinstance(each, Mapping):
            made.append(_replaced(base, each))
        else:
            raise SettingsError(
                f"settings: number {number} is {_shown(each)}; it takes Settings, or a dict such "
                "as {'speed': 1.2}."
            )
    if not made:
        raise SettingsError("The sweep is empty: settings=[] has nothing in it.")
    return tuple(made)


def _combined(base: Settings, grid: Mapping[str, object]) -> tuple[Settings, ...]:
    for name in grid:
        if name not in (*FIELDS, *_NESTED):
            _replaced(base, {name: None})  # says so, and what was meant
    axes = {name: _axis(name, value) for name, value in grid.items()}
    return tuple(
        _replaced(base, dict(zip(axes, values, strict=True))) for values in product(*axes.values())
    )


def _axis(name: str, given: object) -> list[object]:
    """The values of an axis; of what is one value, that alone."""
    if isinstance(given, set | frozenset):
        raise SettingsError(
            f"{name} is a set, which has no order that stays. Give a list: {name}=[...]."
        )
    listed = getattr(given, "tolist", None)  # arrays, and columns of data frames
    values = listed() if callable(listed) else given
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        return [_value(values)]
    values = [_value(each) for each in values]
    if not values:
        raise SettingsError(f"The grid is empty: {name}=[] has no value. Give it at least one.")
    for index, each in enumerate(values):
        if each in values[:index]:
            raise SettingsError(
                f"{name} has {each!r} twice. Give each value once; repeats=... says how often each "
                "is spoken."
            )
    return values


def _value(given: object) -> object:
    # A row of a table of voices stands for its id.
    given = getattr(given, "id", given)
    item = getattr(given, "item", None)
    if callable(item):  # a number of numpy's
        given = item()
    # np.arange(0.7, 1.3, 0.1) has 0.7999999999999999, which nobody meant or wants to ask for.
    return float(f"{given:.12g}") if isinstance(given, float) else given


def _replaced(base: Settings, changes: Mapping[str, object]) -> Settings:
    return base.replace(**{str(name): value for name, value in changes.items()})


def voice_names(given: object, grid: Mapping[str, object]) -> dict[str, str]:
    """What voices are called, by their ids, of those that were given as rows of a table of voices.

    Two of one name are told apart by the beginnings of their ids.

    Args:
        given, grid: as for ``settings_of``, which has checked them.
    """
    listed = given if isinstance(given, list | tuple) else ()
    values = [each.get("voice") for each in listed if isinstance(each, Mapping)]
    axis = grid.get("voice")
    # A generator was used up by settings_of.
    values += list(axis) if isinstance(axis, Sequence) and not isinstance(axis, str) else [axis]
    found = {each.id: each.name for each in values if isinstance(each, Voice) and each.name}
    names = list(found.values())
    return {
        voice: f"{name} ({voice[:8]})" if names.count(name) > 1 else name
        for voice, name in found.items()
    }


def checked_repeats(repeats: object) -> int:
    """How often each text is spoken with each settings.

    Raises:
        SettingsError: it is no whole number from 1.
    """
    if isinstance(repeats, bool) or not isinstance(repeats, int) or repeats < 1:
        raise SettingsError(f"repeats is {repeats!r}; it takes a whole number, 1 or more.")
    return repeats


def near(name: str, known: Iterable[str]) -> str:
    """What was probably meant by a name, for the end of a sentence."""
    known = list(known)
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {found[0]!r}?" if found else f"Known: {', '.join(known)}."


def _shown(given: object) -> str:
    return f"{shortened(repr(given), 60)} ({type(given).__name__})"
