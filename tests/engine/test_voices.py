"""The catalogue, and who speaks for an id from elsewhere."""

from __future__ import annotations

import pytest

from cartesia_nb.engine.espeak import Espeak, Manner
from cartesia_nb.engine.voices import Voice, catalogue, find, stand_in
from cartesia_nb.protocol import limits


@pytest.fixture(scope="module")
def espeak() -> Espeak:
    return Espeak()


QUICKSTART = limits.DEFAULT_VOICE


def test_every_language_of_the_protocol_has_a_masculine_and_a_feminine_voice() -> None:
    for language in limits.LANGUAGES:
        genders = {voice.gender for voice in catalogue() if voice.accent.language == language}
        assert {"masculine", "feminine"} <= genders, language


def test_ids_and_names_are_each_of_one_voice() -> None:
    voices = catalogue()
    assert len({voice.id for voice in voices}) == len(voices)
    assert len({voice.name for voice in voices}) == len(voices)


def test_ids_stay_the_same_for_good() -> None:
    """They stand in people's notebooks."""
    first = catalogue()[0]
    assert (first.id, first.espeak) == ("c08b9f90-2a75-5f18-9f31-4315fcdc35b1", "gmw/en-US")


def test_an_id_from_elsewhere_always_gets_the_same_voice_in_the_language_asked_for() -> None:
    assert stand_in(QUICKSTART) == stand_in(QUICKSTART)
    assert stand_in(QUICKSTART).accent.language == "en"
    assert stand_in(QUICKSTART, "de").accent.language == "de"
    spread = {stand_in(f"id {n}").id for n in range(100)}
    assert len(spread) > 5


def test_a_voice_that_speaks_another_language_keeps_its_variant() -> None:
    voice = next(v for v in catalogue() if v.variant == "+f2")
    assert stand_in(voice.id) == voice
    assert stand_in(voice.id, "en") == voice
    assert stand_in(voice.id, "fr").espeak == "roa/fr+f2"


def test_find_knows_only_the_catalogue() -> None:
    assert find(QUICKSTART) is None
    assert find(catalogue()[3].id) == catalogue()[3]


@pytest.mark.parametrize("voice", catalogue(), ids=lambda voice: voice.espeak)
def test_espeak_has_the_voice_and_it_sounds(espeak: Espeak, voice: Voice) -> None:
    rendering = espeak.render("Taxi 1 2 3.", Manner(voice.espeak))
    assert len(rendering.samples) > 0.3 * espeak.sample_rate
    assert abs(rendering.samples.astype(int)).max() > 3000
