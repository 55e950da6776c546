"""Requests read and checked: JSON in, a frozen request or a typed refusal out. No I/O."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeGuard

from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.protocol import limits
from cartesia_nb.protocol.encodings import ENCODINGS

Fields = Mapping[str, object]

_CONSTANT: Final = (
    "model_id", "voice", "language", "encoding", "sample_rate", "speed", "volume", "emotion",
    "buffer_delay_ms", "add_timestamps", "add_phoneme_timestamps",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cancel:
    """``{"context_id": ..., "cancel": true}``."""

    context_id: str


@dataclass(frozen=True, slots=True)
class Signal:
    """A message without text to a context that is open: it flushes or ends it, nothing else."""

    context_id: str
    continues: bool
    flush: bool


@dataclass(frozen=True, slots=True)
class Generation:
    """A request to speak, with every default filled in."""

    context_id: str
    model_id: str
    transcript: str
    voice: str
    language: str | None
    """Two letters, or ``None`` for the voice's own."""
    container: str
    encoding: str
    sample_rate: int
    speed: float
    volume: float
    emotion: str
    buffer_delay_ms: int
    add_timestamps: bool
    add_phoneme_timestamps: bool
    continues: bool
    flush: bool
    received: Fields = field(repr=False)
    """The request's JSON, as it came."""

    def require_same(self, later: Generation) -> None:
        """Check that a later request of this context changes nothing but the text.

        Raises:
            Refusal: it does.
        """
        for name in _CONSTANT:
            before, after = getattr(self, name), getattr(later, name)
            if before != after:
                raise Refusal(
                    "context_changed",
                    "Changed within a context",
                    f"{name} was {before!r} and is now {after!r}; within a context only "
                    "transcript, continue and flush may change. Start a new context for it.",
                    context_id=self.context_id,
                )


def read_message(message: str | bytes, opened: Container[str]) -> Generation | Signal | Cancel:
    """What a client sent on the socket.

    An empty transcript for a context that is open needs ``context_id``, ``continue`` and
    ``flush`` alone, whatever else it carries: the SDKs' ``no_more_inputs()`` and ``flush()`` fill
    in defaults of their own, version 2 of the Python SDK a voice that is no id.

    Args:
        opened: the ids of the contexts that are there already.

    Raises:
        Refusal: it can't be served; says why, with the context where that is known.
    """
    fields = read_json(message)
    context_id = fields.get("context_id")
    if not isinstance(context_id, str) or not context_id:
        raise _missing("context_id", context_id, "a string of your choice, such as a UUID")
    try:
        if fields.get("cancel") is True:
            return Cancel(context_id)
        if fields.get("transcript") == "" and context_id in opened:
            return Signal(context_id, _flag(fields, "continue"), _flag(fields, "flush"))
        return read_generation(fields, context_id, containers=("raw",))
    except Refusal as refusal:
        refusal.context_id = context_id
        raise


def read_json(message: str | bytes) -> Fields:
    """A JSON object.

    Raises:
        Refusal: it is something else.
    """
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise Refusal(
            "invalid_json", "Not JSON", f"The message is not JSON ({error}); send a JSON object."
        ) from None
    if not _is_fields(fields):
        raise Refusal(
            "invalid_json",
            "Not a JSON object",
            f"The message is a JSON {type(fields).__name__}; send an object.",
        )
    return fields


def read_generation(fields: Fields, context_id: str, containers: tuple[str, ...]) -> Generation:
    """A request to speak, from its JSON fields.

    Args:
        containers: which of ``output_format``'s containers can be served here.

    Raises:
        Refusal: a field is missing, of the wrong kind or out of range.
    """
    transcript = fields.get("transcript")
    if not isinstance(transcript, str):
        raise _missing("transcript", transcript, "a string")
    model = fields.get("model_id")
    if not isinstance(model, str) or not model:
        raise _missing("model_id", model, f"a string such as {limits.DEFAULT_MODEL!r}")
    container, encoding, sample_rate = _output_format(fields, containers)
    config = fields.get("generation_config")
    if config is None:
        config = {}
    if not _is_fields(config):
        raise _missing("generation_config", config, "an object")
    low, high = limits.BUFFER_DELAY_RANGE_MS
    delay = _number(fields, "max_buffer_delay_ms", limits.DEFAULT_BUFFER_DELAY_MS, low, high)
    emotion = config.get("emotion")
    if emotion is None:
        emotion = "neutral"
    if not isinstance(emotion, str) or emotion not in limits.EMOTIONS:
        raise _invalid("emotion", emotion, f"one of {', '.join(limits.EMOTIONS)}")
    return Generation(
        context_id=context_id,
        model_id=model,
        transcript=transcript,
        voice=_voice(fields.get("voice")),
        language=_language(fields.get("language")),
        container=container,
        encoding=encoding,
        sample_rate=sample_rate,
        speed=_number(config, "speed", 1.0, *limits.SPEED_RANGE),
        volume=_number(config, "volume", 1.0, *limits.VOLUME_RANGE),
        emotion=emotion,
        buffer_delay_ms=round(delay),
        add_timestamps=_flag(fields, "add_timestamps"),
        add_phoneme_timestamps=_flag(fields, "add_phoneme_timestamps"),
        continues=_flag(fields, "continue"),
        flush=_flag(fields, "flush"),
        received=fields,
    )


def read_whole(fields: Fields, context_id: str, containers: tuple[str, ...]) -> Generation:
    """A request that brings all of its text at once, as REST has it; arguments as above.

    Raises:
        Refusal: as above, or there is nothing to say.
    """
    request = read_generation(fields, context_id, containers)
    if not any(map(str.isalnum, request.transcript)):
        raise _invalid("transcript", request.transcript, "text with something to say in it")
    return replace(request, continues=False, flush=False)


def _output_format(fields: Fields, containers: tuple[str, ...]) -> tuple[str, str, int]:
    output = fields.get("output_format")
    if not _is_fields(output):
        raise _missing("output_format", output, "an object with container, encoding, sample_rate")
    container, encoding, rate = (
        output.get(name) for name in ("container", "encoding", "sample_rate")
    )
    if not isinstance(container, str) or container not in containers:
        raise _invalid("container", container, f"one of {', '.join(containers)}")
    if not isinstance(encoding, str) or encoding not in ENCODINGS:
        raise _invalid("encoding", encoding, f"one of {', '.join(ENCODINGS)}")
    if not isinstance(rate, int) or rate not in limits.SAMPLE_RATES:
        allowed = ", ".join(map(str, limits.SAMPLE_RATES))
        raise _invalid("sample_rate", rate, f"one of {allowed}")
    return container, encoding, rate


def _voice(voice: object) -> str:
    if _is_fields(voice):
        if voice.get("mode", "id") != "id":
            raise _invalid("voice.mode", voice["mode"], '"id"')
        voice = voice.get("id")
    if not isinstance(voice, str) or not voice:
        raise _missing("voice", voice, 'a voice id, or {"mode": "id", "id": "..."}')
    return voice


def _language(language: object) -> str | None:
    if language is None:
        return None
    primary = language.partition("-")[0].lower() if isinstance(language, str) else None
    if primary not in limits.LANGUAGES:
        raise _invalid("language", language, f"one of {', '.join(limits.LANGUAGES)}")
    return primary


def _number(fields: Fields, name: str, default: float, low: float, high: float) -> float:
    value = fields.get(name)
    if value is None:
        return default
    # The comparison is false for NaN, which JSON as Python reads it can carry.
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _invalid(name, value, f"a number from {low} to {high}")
    return value


def _flag(fields: Fields, name: str) -> bool:
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise _invalid(name, value, "true or false")
    return bool(value)


def _is_fields(value: object) -> TypeGuard[Fields]:
    return isinstance(value, dict)


def _missing(name: str, value: object, wanted: str) -> Refusal:
    if value is None:
        text = f"{name} is required: {wanted}."
        return Refusal(f"missing_{name}", f"No {name}", text)
    return _invalid(name, value, wanted)


def _invalid(name: str, value: object, wanted: str) -> Refusal:
    shown = repr(value)
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    return Refusal(
        f"invalid_{name.replace('.', '_')}",
        f"Invalid {name}",
        f"{name} is {shown}; it takes {wanted}.",
    )
