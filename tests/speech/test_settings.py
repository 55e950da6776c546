"""Settings: validated, frozen, and a request."""

from __future__ import annotations

import dataclasses
import json
import re
from types import SimpleNamespace
from typing import cast, get_args, get_type_hints

import pytest
from cartesia.types.generation_config_param import GenerationConfigParam
from cartesia.types.generation_request import GenerationRequest
from cartesia.types.generation_request_param import GenerationRequestParam
from cartesia.types.model_speed import ModelSpeed
from cartesia.types.raw_output_format_param import RawOutputFormatParam
from cartesia.types.voice_specifier import VoiceSpecifier
from cartesia.types.websocket_client_event_param import CancelContextRequest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import SettingsError
from cartesia_nb.protocol import limits
from cartesia_nb.speech import extra as extras
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.settings import Json, Settings, ignored

EVERYTHING = Settings(
    language="en",
    speed=1.1,
    volume=0.9,
    emotion="calm",
    add_phoneme_timestamps=True,
    use_normalized_timestamps=True,
    pronunciation_dict_id="d",
)


def request_of(settings: Settings) -> GenerationRequest:
    """The request as the SDK's own type understands it, checked strictly."""
    fields = {**settings.to_request(), "context_id": "c", "transcript": "t", "continue": False}
    return GenerationRequest.model_validate(fields)


def test_defaults_are_the_quickstarts() -> None:
    request = Settings().to_request()
    assert request["model_id"] == "sonic-3.5"
    assert request["voice"] == {"mode": "id", "id": "f786b574-daa5-4673-aa0c-cbe3e8534c02"}
    assert request["output_format"] == {
        "container": "raw",
        "encoding": "pcm_f32le",
        "sample_rate": 44100,
    }


def test_the_buffer_delay_is_always_sent() -> None:
    assert Settings().to_request()["max_buffer_delay_ms"] == 3000


@given(
    speed=st.none() | st.floats(*limits.SPEED_RANGE),
    volume=st.none() | st.floats(*limits.VOLUME_RANGE),
    emotion=st.none() | st.sampled_from(limits.EMOTIONS),
    encoding=st.sampled_from(["pcm_f32le", "pcm_s16le", "pcm_mulaw", "pcm_alaw"]),
    sample_rate=st.sampled_from(limits.SAMPLE_RATES),
)
def test_every_valid_setting_is_a_valid_request(**settings: object) -> None:
    made = Settings.of(**settings)
    generation = request_of(made).generation_config
    for name in ("speed", "volume", "emotion"):
        assert getattr(generation, name, None) == settings[name]
    assert Settings.of(**made.to_dict()) == made


def test_the_sdks_nested_names_mean_the_same() -> None:
    nested = Settings.of(
        voice={"mode": "id", "id": "v"},
        output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000},
        generation_config={"speed": 1.2, "emotion": "calm"},
    )
    flat = Settings(voice="v", encoding="pcm_s16le", sample_rate=8000, speed=1.2, emotion="calm")
    assert nested == flat


def test_a_row_of_a_voice_table_is_a_voice() -> None:
    assert Settings.of(voice=SimpleNamespace(id="v", name="Ann")).voice == "v"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"sped": 1.0}, "Did you mean 'speed'"),
        ({"generation_config": {"sped": 1.0}}, "in generation_config. Did you mean 'speed'"),
        ({"speed": 9}, "speed is 9; allowed is 0.6 to 1.5"),
        ({"speed": "fast"}, "a number from 0.6 to 1.5"),
        ({"speed": float("nan")}, "a number from 0.6 to 1.5"),
        ({"speed": True}, "a number from 0.6 to 1.5"),
        ({"volume": 0.1}, "allowed is 0.5 to 2.0"),
        ({"emotion": "hapy"}, "Did you mean 'happy'"),
        ({"sample_rate": 44000}, "allowed are 8000, 16000"),
        ({"encoding": "mp3"}, "pcm_f32le, pcm_s16le"),
        ({"output_format": {"container": "mp3"}}, "must be 'raw'"),
        ({"output_format": "raw"}, "takes a dict"),
        ({"max_buffer_delay_ms": 6000}, "a whole 0 to 5000 ms"),
        ({"voice": ""}, "a text that is not empty"),
        ({"voice": {"mode": "embedding"}}, "takes a voice id"),
        ({"add_timestamps": "yes"}, "True or False"),
        ({"extra": 3}, "a dict of request fields"),
        ({"language": "english"}, "a code in small letters, such as en, fr"),
        ({"language": ""}, "a code in small letters"),
        ({"pronunciation_dict_id": " "}, "a text that is not empty"),
        ({"transcript": "Hi"}, "The text is what say() or context.push() is given"),
    ],
)
def test_a_bad_setting_says_what_is_allowed(settings: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(says)):
        Settings.of(**settings)


def test_the_request_has_every_field_that_the_sdk_knows() -> None:
    """A field that a new SDK brings shows here."""
    request = EVERYTHING.to_request()
    ours = {*request, *extras.CONTEXTUAL} - {"cancel"}
    # The older field: for extra alone, since a setting of that name means generation_config's.
    assert ours | {"speed"} == set(get_type_hints(GenerationRequestParam))
    assert set(get_type_hints(CancelContextRequest)) <= set(extras.CONTEXTUAL)
    for name, known in (
        ("generation_config", get_type_hints(GenerationConfigParam)),
        ("output_format", get_type_hints(RawOutputFormatParam)),
        ("voice", VoiceSpecifier.model_fields),
    ):
        assert set(cast("dict[str, Json]", request[name])) == set(known) == set(extras.NESTED[name])
    assert set(extras.MODEL_SPEEDS) == set(get_args(ModelSpeed))


def test_the_whole_request_is_valid_by_the_sdks_type() -> None:
    parsed = request_of(EVERYTHING)
    assert parsed.language == "en"
    assert parsed.pronunciation_dict_id == "d"
    assert parsed.use_normalized_timestamps is True
    assert parsed.add_phoneme_timestamps is True


def test_fields_unknown_here_are_merged_deeply_into_the_request() -> None:
    request = Settings(
        speed=1.2,
        extra={
            "future": [1, {"a": None}],
            "generation_config": {"pitch": 1},
            "voice": {"style": "soft"},
            "output_format": {"bits": {"depth": 24}},
            "speed": "slow",
        },
    ).to_request()
    assert request["future"] == [1, {"a": None}]
    assert request["generation_config"] == {"speed": 1.2, "pitch": 1}
    assert request["voice"] == {"mode": "id", "id": limits.DEFAULT_VOICE, "style": "soft"}
    assert cast("dict[str, Json]", request["output_format"])["bits"] == {"depth": 24}
    assert request["speed"] == "slow"


def test_an_object_that_no_setting_asks_for_is_made_by_extra() -> None:
    request = Settings(extra={"generation_config": {"pitch": 1}}).to_request()
    assert request["generation_config"] == {"pitch": 1}


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"language": "en"}, "Set it by language=..."),
        ({"model_id": "m"}, "model_id=..."),
        ({"generation_config": {"speed": 1.1}}, "Set it by speed=..."),
        ({"output_format": {"sample_rate": 8000}}, "sample_rate=..."),
        ({"output_format": {"container": "wav"}}, "It is always 'raw'"),
        ({"voice": {"id": "v"}}, "Set it by voice=..."),
        ({"volume": 1.1}, "Set it by volume=..."),
        ({"encoding": "pcm_alaw"}, "encoding=..."),
        ({"transcript": "Hi"}, "The text is what say()"),
        ({"continue": True}, "A context sets it"),
        ({"speed": 1.2}, "one of slow, normal, fast"),
        ({"generation_config": 3}, "takes a dict of fields to add to generation_config"),
        ({"a": object()}, "extra['a'] is <object"),
        ({"a": [1, float("nan")]}, "extra['a'][1] is nan, which JSON can't hold"),
        ({"a": {1: 2}}, "extra['a'] has the key 1"),
    ],
)
def test_extra_refuses_what_is_set_elsewhere_or_is_no_json(
    extra: dict[str, Json], says: str
) -> None:
    with pytest.raises(SettingsError, match=re.escape(says)):
        Settings(extra=extra)


def test_extra_that_holds_itself_is_refused() -> None:
    loop: list[Json] = []
    loop.append(loop)
    with pytest.raises(SettingsError, match="holds itself"):
        Settings(extra={"a": loop})


@pytest.mark.parametrize(
    ("settings", "as_extra"),
    [
        ({"pitch": 2}, "extra={'pitch': 2}"),
        ({"sped": 1.0}, "extra={'sped': 1.0}"),
        ({"generation_config": {"pitch": 2}}, "extra={'generation_config': {'pitch': 2}}"),
        ({"output_format": {"bit_rate": 2}}, "extra={'output_format': {'bit_rate': 2}}"),
        ({"voice": {"id": "v", "style": 2}}, "extra={'voice': {'style': 2}}"),
    ],
)
def test_the_error_for_an_unknown_name_ends_with_how_to_send_it_all_the_same(
    settings: dict[str, object], as_extra: str
) -> None:
    with pytest.raises(SettingsError, match=re.escape(f"To send it all the same: {as_extra}.")):
        Settings.of(**settings)
    # The advice works.
    assert Settings.of(**eval(f"dict({as_extra})")).to_request()


def test_extra_is_a_copy_that_neither_the_giver_nor_a_request_can_change() -> None:
    given_list: list[Json] = [1]
    settings = Settings(extra={"a": given_list, "b": {"c": [2]}})
    given_list.append(2)
    cast("list[Json]", settings.to_request()["a"]).append(3)
    inner = cast("dict[str, list[Json]]", settings.to_request()["b"])
    inner["c"].append(3)
    cast("list[Json]", cast("dict[str, Json]", settings.to_dict()["extra"])["a"]).append(4)
    request = settings.to_request()
    assert request["a"] == [1]
    assert request["b"] == {"c": [2]}


def test_extra_stands_apart_in_code_repr_and_dict() -> None:
    settings = Settings(speed=1.2, extra={"generation_config": {"pitch": 1}, "new": [1, 2]})
    assert settings.to_code() == (
        "speed=1.2, extra={'generation_config': {'pitch': 1}, 'new': [1, 2]}"
    )
    assert repr(settings) == f"Settings({settings.to_code()})"
    assert settings.to_dict()["extra"] == {"generation_config": {"pitch": 1}, "new": [1, 2]}
    assert Settings.of(**json.loads(json.dumps(settings.to_dict()))) == settings


@pytest.mark.parametrize("model", ["sonic-2", "sonic-2-2025-06-11", "sonic-turbo", "sonic"])
def test_guidance_and_dictionaries_are_told_to_be_ignored_by_models_before_sonic_3(
    model: str,
) -> None:
    settings = Settings(model_id=model, speed=1.1, emotion="calm", pronunciation_dict_id="d")
    first, second = ignored(settings, "cartesia")
    assert first.startswith(f"speed and emotion will have no effect: {model} ")
    assert second.startswith(f"pronunciation_dict_id will have no effect: {model} ")


@pytest.mark.parametrize(
    ("model", "language", "warned"),
    [
        ("sonic-3.5", "or", True),
        ("sonic-3-2026-01-12", "ur", True),
        ("sonic-3.5", "en", False),
        ("sonic-3.5", "en-GB", False),
        ("sonic-2", "hi", True),
        ("sonic-turbo", "hi", False),
        ("sonic-3.6", "or", False),
        ("sonic-latest", "or", False),
    ],
)
def test_a_language_that_the_model_is_not_documented_to_speak_is_told(
    model: str, language: str, warned: bool
) -> None:
    said = ignored(Settings(model_id=model, language=language), "cartesia")
    assert [f"language is {language!r}" in sentence for sentence in said] == [True] * warned


@pytest.mark.parametrize("model", ["sonic-3.5", "sonic-3-2025-10-27", "sonic-latest", "of-mine"])
def test_nothing_is_told_where_all_has_effect_or_nothing_is_known(model: str) -> None:
    assert ignored(EVERYTHING.replace(model_id=model), "cartesia") == []
    assert ignored(Settings(), "engine") == []


def test_what_the_engine_does_not_read_is_told_in_one_sentence() -> None:
    settings = EVERYTHING.replace(model_id="sonic-2", extra={"pitch": 1})
    (said,) = ignored(settings, "engine")
    assert said.startswith(
        "use_normalized_timestamps, pronunciation_dict_id and extra['pitch'] will have no effect"
    )


def test_what_the_engine_is_said_to_ignore_changes_nothing_and_the_rest_does(
    engine: EngineProcess, connection: Connection
) -> None:
    def spoken(**settings: object) -> bytes:
        context = connection.context(Settings.of(**settings))
        context.push("Good morning to you.")
        context.no_more_inputs()
        return context.take.wait(timeout=20).pcm

    plain = spoken()
    assert plain == spoken(
        use_normalized_timestamps=True, pronunciation_dict_id="d", extra={"pitch": 1}
    )
    for told in ({"speed": 1.3}, {"volume": 0.6}, {"emotion": "sad"}, {"language": "de"}):
        assert spoken(**told) != plain


def test_settings_are_frozen_extra_included() -> None:
    settings = Settings(extra={"a": 1})
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.speed = 1.0  # type: ignore[misc]  # that it is refused is the point
    with pytest.raises(TypeError):
        cast("dict[str, int]", settings.extra)["a"] = 2
    assert hash(settings) == hash(Settings(extra={"a": 1}))


def test_the_code_to_paste_gives_the_same_settings() -> None:
    settings = Settings(speed=1.2, voice="v", extra={"a": 1})
    assert eval(f"Settings({settings.to_code()})") == settings
    assert repr(Settings()) == "Settings()"
