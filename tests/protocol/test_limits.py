"""Every enumeration equals the official SDK's, so that a new SDK version shows what moved."""

from __future__ import annotations

from typing import get_args

from cartesia.types import gender_presentation, raw_encoding, supported_language
from cartesia.types.emotion import Emotion
from cartesia.types.generation_request import OutputFormat

from cartesia_nb.protocol import encodings, limits


def test_emotions_are_the_sdks() -> None:
    assert set(limits.EMOTIONS) == set(get_args(Emotion))


def test_languages_are_the_sdks() -> None:
    assert set(limits.LANGUAGES) == set(get_args(supported_language._SupportedLanguage))


def test_genders_are_the_sdks() -> None:
    assert set(limits.GENDERS) == set(get_args(gender_presentation.GenderPresentation))


def test_encodings_are_the_sdks() -> None:
    assert set(encodings.ENCODINGS) == set(get_args(raw_encoding.RawEncoding))


def test_sample_rates_are_the_sdks() -> None:
    annotation = OutputFormat.model_fields["sample_rate"].annotation
    assert set(limits.SAMPLE_RATES) == set(get_args(annotation))
