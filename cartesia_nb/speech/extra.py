"""Request fields that this version does not know: checked, and merged into the request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, TypeAlias, cast

from cartesia_nb.errors import SettingsError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""What JSON can hold."""

NESTED: Final[dict[str, dict[str, str]]] = {
    "output_format": {
        "container": "It is always 'raw': a stream has no file header",
        "encoding": "Set it by encoding=... instead",
        "sample_rate": "Set it by sample_rate=... instead",
    },
    "generation_config": {
        name: f"Set it by {name}=... instead" for name in ("speed", "volume", "emotion")
    },
    "voice": {
        "id": "Set it by voice=... instead",
        "mode": "It is always 'id'",
    },
}
"""The request's objects, and where each of their known fields is set instead."""

PLAIN: Final = (
    "model_id",
    "language",
    "max_buffer_delay_ms",
    "add_timestamps",
    "add_phoneme_timestamps",
    "use_normalized_timestamps",
    "pronunciation_dict_id",
)
"""Known fields of the request that are settings of the same name."""

CONTEXTUAL: Final = {
    "transcript": "The text is what say() or context.push() is given",
    "context_id": "It is given to context(): tts.context(context_id=...)",
    "continue": "A context sets it: context.push() and context.no_more_inputs()",
    "flush": "A context sets it: context.flush()",
    "cancel": "A take or a context cancels: take.cancel()",
}
"""Known fields that are no settings."""

MODEL_SPEEDS: Final = ("slow", "normal", "fast")
"""The older field ``speed`` beside ``generation_config.speed`` (the SDK's ``ModelSpeed``)."""


def read(extra: object) -> dict[str, Json]:
    """A copy of ``extra``, checked: a mapping that JSON can hold, of fields not known here.

    Raises:
        SettingsError: it is something else, or has a field that is set in another way.
    """
    if not isinstance(extra, Mapping):
        raise SettingsError(f"extra is {extra!r}; it takes a dict of request fields.")
    try:
        fields = cast("dict[str, Json]", _plain(extra, "extra"))
    except RecursionError:
        raise SettingsError("extra holds itself, or is nested too deep for JSON.") from None
    for name, value in fields.items():
        if name in NESTED:
            if not isinstance(value, dict):
                raise SettingsError(
                    f"extra's {name!r} is {value!r}; it takes a dict of fields to add to {name}."
                )
            for inner in value:
                if inner in NESTED[name]:
                    raise _taken(f"{name}.{inner}", NESTED[name][inner])
        elif name == "speed":
            if value not in MODEL_SPEEDS:
                raise SettingsError(
                    f"extra's 'speed' is {value!r}. A factor is the setting speed=...; here it is "
                    f"the older request field, one of {', '.join(MODEL_SPEEDS)}."
                )
        else:
            _refuse_known(name)
    return fields


def _refuse_known(name: str) -> None:
    if name in PLAIN:
        raise _taken(name, f"Set it by {name}=... instead")
    if name in CONTEXTUAL:
        raise _taken(name, CONTEXTUAL[name])
    for inner in NESTED.values():
        if name in inner and name not in ("id", "mode"):
            raise _taken(name, inner[name])


def _taken(name: str, instead: str) -> SettingsError:
    return SettingsError(f"extra has {name!r}, which is not for extra. {instead}.")


def merged(request: dict[str, Json], extra: Mapping[str, Json]) -> dict[str, Json]:
    """``request`` with ``extra`` in it, objects within objects merged; both stay as they are."""
    result = dict(request)
    for name, value in extra.items():
        before = result.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            result[name] = merged(before, value)
        else:
            result[name] = copied(value)
    return result


def copied(value: Json) -> Json:
    """A copy that shares no list or dict with ``value``."""
    if isinstance(value, dict):
        return {name: copied(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [copied(inner) for inner in value]
    return value


def _plain(value: object, where: str) -> Json:
    """``value`` as JSON has it: tuples become lists, mappings dicts."""
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise SettingsError(
                    f"{where} has the key {name!r}; JSON takes only strings as keys."
                )
        return {name: _plain(inner, f"{where}[{name!r}]") for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, f"{where}[{i}]") for i, inner in enumerate(value)]
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        raise SettingsError(
            f"{where} is {_short(value)}, which JSON can't hold; use numbers that are finite, "
            "strings, True, False, None, lists and dicts of them."
        ) from None
    return cast("Json", value)


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def hint(where: str | None, name: str, value: object) -> str:
    """How to send a field that this version does not know."""
    shown = repr(value)
    field = f"{{{name!r}: {shown if len(shown) <= 60 else '...'}}}"
    whole = field if where is None else f"{{{where!r}: {field}}}"
    return f"To send it all the same: extra={whole}."
