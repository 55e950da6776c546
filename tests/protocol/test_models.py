"""What is claimed of the models, against the SDK's own list of them."""

from __future__ import annotations

from typing import get_args

import pytest
from cartesia.types import tts_model

from cartesia_nb.protocol import limits, models


def test_every_model_that_the_sdk_names_is_known_but_for_the_moving_alias() -> None:
    named = set(get_args(tts_model._TTSModel))
    assert {name for name in named if models.find(name) is None} == {"sonic-latest"}
    assert models.find(limits.DEFAULT_MODEL) is not None


def test_a_dated_id_is_its_models_snapshot() -> None:
    assert models.find("sonic-3.5-2026-05-04") is models.MODELS["sonic-3.5"]
    assert models.find("sonic-3-2026-01-12") is models.MODELS["sonic-3"]


@pytest.mark.parametrize("name", ["sonic-4", "sonic-3-preview", "sonic-3.5x", "x-2026-01-12", ""])
def test_of_another_name_nothing_is_claimed(name: str) -> None:
    assert models.find(name) is None


def test_models_speak_only_languages_that_there_are() -> None:
    for model in models.MODELS.values():
        assert (model.languages or frozenset()) <= set(limits.LANGUAGES)
    speaks = models.MODELS["sonic-3.5"].languages
    assert speaks is not None and len(speaks) == 42  # as the documentation counts them
