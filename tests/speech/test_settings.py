"""Settings: validated, frozen, and a request."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import cast

import pytest
from cartesia.types.generation_request import GenerationRequest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.errors import SettingsError
from cartesia_nb.protocol import limits
from cartesia_nb.speech.settings import Settings


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
    ],
)
def test_a_bad_setting_says_what_is_allowed(settings: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError, match=says.replace("(", r"\(")):
        Settings.of(**settings)


def test_extra_fields_are_sent_as_they_are() -> None:
    assert Settings(extra={"future": [1]}).to_request()["future"] == [1]


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
