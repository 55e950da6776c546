"""Everything that shapes speech, in one frozen and validated object."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cartesia_nb.errors import SettingsError
from cartesia_nb.protocol import encodings, limits, models
from cartesia_nb.speech import extra as extras
from cartesia_nb.speech.allowed import ALLOWED
from cartesia_nb.speech.extra import Json as Json

_FORMAT_FIELDS = ("encoding", "sample_rate")
_GENERATION_FIELDS = ("speed", "volume", "emotion")
_PLAIN_FIELDS = tuple(name for name in extras.PLAIN if name != "model_id")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What shapes a piece of speech. The names are the Cartesia SDK's.

    What each may be stands in ``cartesia_nb.speech.allowed.ALLOWED`` as data, ranges included.
    A value of ``None`` is left out of the request, so that the server's own default holds.
    Safe to share between threads.

    Attributes:
        model_id: the model; Cartesia's quickstart model unless said.
        voice: a voice id. ``{"mode": "id", "id": ...}``, as the SDK has it, is taken as well.
        language: code of the transcript's language, such as ``en``; see ``limits.LANGUAGES``.
        encoding: one of ``pcm_f32le pcm_s16le pcm_mulaw pcm_alaw``.
        sample_rate: in Hz; 8000, 16000, 22050, 24000, 44100 or 48000.
        speed: a factor from 0.6 to 1.5 (``generation_config.speed``).
        volume: a factor from 0.5 to 2.0 (``generation_config.volume``).
        emotion: one of the names in ``cartesia_nb.protocol.limits.EMOTIONS``.
        max_buffer_delay_ms: how long text may wait for more text, 0 to 5000 ms.
        add_timestamps: ask for the times of words.
        add_phoneme_timestamps: ask for the times of phonemes.
        use_normalized_timestamps: times for the normalised text, not the text as written.
        pronunciation_dict_id: a pronunciation dictionary of your account.
        extra: request fields that this version does not know. They are merged into the request:
            ``{"generation_config": {"pitch": 1}}`` keeps the speed. Known ones are refused.

    Raises:
        SettingsError: for a value of the wrong kind or out of range.
    """

    model_id: str = limits.DEFAULT_MODEL
    voice: str = limits.DEFAULT_VOICE
    language: str | None = None
    encoding: str = "pcm_f32le"
    sample_rate: int = 44100
    speed: float | None = None
    volume: float | None = None
    emotion: str | None = None
    max_buffer_delay_ms: int = limits.DEFAULT_BUFFER_DELAY_MS
    add_timestamps: bool = True
    add_phoneme_timestamps: bool = False
    use_normalized_timestamps: bool | None = None
    pronunciation_dict_id: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "voice", _voice_id(self.voice))
        for name, allowed in ALLOWED.items():
            allowed.check(name, getattr(self, name))
        object.__setattr__(self, "extra", MappingProxyType(extras.read(self.extra)))

    @classmethod
    def of(cls, **settings: object) -> Settings:
        """Settings from keywords, in our names or in the SDK's nested ones.

        Raises:
            SettingsError: for an unknown name (the nearest known one is named) or value.
        """
        return cls().replace(**settings)

    def replace(self, **settings: object) -> Settings:
        """A copy with some settings changed.

        ``output_format={...}`` and ``generation_config={...}`` are taken as the SDK has them.

        Raises:
            SettingsError: for an unknown name (the nearest known one is named) or value.
        """
        flat = _flatten(settings)
        unknown = [name for name in flat if name not in FIELDS]
        if unknown:
            raise SettingsError(_unknown(unknown[0], flat[unknown[0]], FIELDS))
        # The names were checked above and the values are checked in __post_init__, which
        # mypy cannot see through a mapping.
        return dataclasses.replace(self, **flat)  # type: ignore[arg-type]  # checked, as said

    @property
    def bytes_per_sample(self) -> int:
        """Bytes that one sample takes in ``encoding``."""
        return encodings.BYTES_PER_SAMPLE[self.encoding]

    @property
    def bytes_per_second(self) -> int:
        """Bytes that one second of audio takes."""
        return self.bytes_per_sample * self.sample_rate

    def to_request(self) -> dict[str, Json]:
        """The request's fields, less ``context_id``, ``transcript`` and ``continue``."""
        request: dict[str, Json] = {
            "model_id": self.model_id,
            "voice": {"mode": "id", "id": self.voice},
            "output_format": {
                "container": "raw",
                "encoding": self.encoding,
                "sample_rate": self.sample_rate,
            },
        }
        generation = {name: getattr(self, name) for name in _GENERATION_FIELDS}
        generation = {name: value for name, value in generation.items() if value is not None}
        if generation:
            request["generation_config"] = generation
        for name in _PLAIN_FIELDS:
            value = getattr(self, name)
            if value is not None:
                request[name] = value
        return extras.merged(request, self.extra)

    def to_dict(self) -> dict[str, Json]:
        """Every setting by its name, for JSON; ``Settings.of(**d)`` gives the same settings."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {**values, "extra": extras.copied(dict(self.extra))}

    def to_code(self) -> str:
        """The settings that are not the defaults, as keywords to paste into ``say(...)``."""
        changed = [
            f"{name}={value!r}"
            for name, value in self.to_dict().items()
            if value != _DEFAULTS.to_dict()[name]
        ]
        return ", ".join(changed)

    def __repr__(self) -> str:
        return f"Settings({self.to_code()})"


FIELDS = tuple(f.name for f in dataclasses.fields(Settings))


def ignored(settings: Settings, backend_name: str) -> list[str]:
    """What was set and will have no effect, a sentence each; empty where nothing is known.

    Args:
        backend_name: ``Backend.name``: the built-in engine ignores other things than a model.
    """
    if backend_name == "engine":
        return _ignored_by_engine(settings)
    model = models.find(settings.model_id)
    if model is None:
        return []
    said = []
    guided = [name for name in _GENERATION_FIELDS if getattr(settings, name) is not None]
    if guided and not model.generation_config:
        said.append(
            f"{_joined(guided)} will have no effect: {settings.model_id} knows no "
            "generation_config. Take sonic-3 or a later model."
        )
    if settings.pronunciation_dict_id is not None and not model.pronunciation_dicts:
        said.append(
            f"pronunciation_dict_id will have no effect: {settings.model_id} takes no "
            "pronunciation dictionaries. Take sonic-3 or a later model."
        )
    language = (settings.language or "").partition("-")[0]
    if language and model.languages is not None and language not in model.languages:
        said.append(
            f"language is {settings.language!r}, which {settings.model_id} is not documented to "
            f"speak; it speaks {', '.join(sorted(model.languages))}."
        )
    return said


def _ignored_by_engine(settings: Settings) -> list[str]:
    # What engine/requests.py does not read, of what a user can set.
    names = ["use_normalized_timestamps", "pronunciation_dict_id"]
    names = [name for name in names if getattr(settings, name) is not None]
    names += [f"extra[{name!r}]" for name in settings.extra]
    if not names:
        return []
    return [f"{_joined(names)} will have no effect: the built-in engine does not read that."]


def _joined(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _flatten(settings: Mapping[str, object]) -> dict[str, object]:
    """Bring the SDK's nested ``output_format`` and ``generation_config`` to flat names."""
    flat: dict[str, object] = {}
    for name, value in settings.items():
        if name == "output_format":
            fields = _mapping(name, value)
            if fields.pop("container", "raw") != "raw":
                raise SettingsError(
                    "output_format.container must be 'raw': a stream has no file header. "
                    "take.to_wav(path) writes a WAV file afterwards."
                )
            _known(fields, _FORMAT_FIELDS, name)
            flat.update(fields)
        elif name == "generation_config":
            fields = _mapping(name, value)
            _known(fields, _GENERATION_FIELDS, name)
            flat.update(fields)
        else:
            flat[name] = value
    return flat


def _mapping(name: str, value: object) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise SettingsError(f"{name} is {value!r}; it takes a dict.")
    return dict(value)


def _known(fields: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for name, value in fields.items():
        if name not in known:
            raise SettingsError(_unknown(name, value, known, where))


def _unknown(name: str, value: object, known: tuple[str, ...], where: str | None = None) -> str:
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
    inside = "" if where is None else f" in {where}"
    if where is None and name in extras.CONTEXTUAL:
        return f"There is no setting {name!r}. {extras.CONTEXTUAL[name]}."
    return f"There is no setting {name!r}{inside}. {hint} {extras.hint(where, name, value)}"


def _voice_id(voice: object) -> str:
    if isinstance(voice, Mapping):
        if voice.get("mode", "id") != "id" or not isinstance(voice.get("id"), str):
            raise SettingsError(
                f"voice is {dict(voice)!r}; it takes a voice id, or {{'mode': 'id', 'id': '...'}}."
            )
        _known(voice, ("mode", "id"), "voice")
        voice = voice["id"]
    else:
        voice = getattr(voice, "id", voice)  # a row of the voice table carries its id
    ALLOWED["voice"].check("voice", voice)
    return str(voice)


_DEFAULTS = Settings()
