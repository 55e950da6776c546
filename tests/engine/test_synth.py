"""The voice itself: level, seams, speed, sameness."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from cartesia_nb.engine.alignment import Span
from cartesia_nb.engine.espeak import EspeakError, Manner
from cartesia_nb.engine.requests import Generation, read_generation
from cartesia_nb.engine.sentences import pieces
from cartesia_nb.engine.synth import Synthesiser, Voicing
from cartesia_nb.engine.voices import catalogue
from cartesia_nb.protocol import limits
from cartesia_nb.protocol.encodings import Samples
from tests.engine.talk import output, request

TEXT = (
    "The quick brown fox jumps over the lazy dog, and then it sleeps for an hour. "
    "Nobody minds! Who would? It was a long way, uphill, in the rain."
)


def generation(rate: int = 22050, **fields: object) -> Generation:
    whole = request("", "a", output_format=output("pcm_f32le", rate), **fields)
    return read_generation(whole, "a", ("raw",))


class Studio:
    """Speaks whole texts as a context does."""

    def __init__(self, synthesiser: Synthesiser) -> None:
        self.synthesiser = synthesiser

    def say(self, text: str, rate: int = 22050, **fields: object) -> tuple[Samples, list[Span]]:
        return asyncio.run(self._say(text, generation(rate, **fields)))

    async def _say(self, text: str, request: Generation) -> tuple[Samples, list[Span]]:
        voicing = Voicing(self.synthesiser, request)
        parts: list[Samples] = []
        words: list[Span] = []
        for piece in pieces(text):
            spoken = await voicing.speak(piece)
            parts.append(spoken.samples)
            words += spoken.words
        return np.concatenate([*parts, voicing.finish()]), words


@pytest.fixture
def studio() -> Iterator[Studio]:
    synthesiser = Synthesiser()
    yield Studio(synthesiser)
    synthesiser.close()


def test_the_same_text_gives_the_same_samples_whatever_was_said_before(studio: Studio) -> None:
    first, _ = studio.say(TEXT, 44100)
    studio.say("Something else entirely, at length?", generation_config={"emotion": "sad"})
    again, _ = studio.say(TEXT, 44100)
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("speed", [0.6, 0.8, 1.2, 1.5])
def test_duration_follows_speed(studio: Studio, speed: float) -> None:
    usual, _ = studio.say(TEXT)
    changed, _ = studio.say(TEXT, generation_config={"speed": speed})
    assert len(usual) / len(changed) == pytest.approx(speed, rel=0.05)


def test_volume_scales_every_sample(studio: Studio) -> None:
    usual, _ = studio.say(TEXT)
    for volume in (0.5, 2.0):
        changed, _ = studio.say(TEXT, generation_config={"volume": volume})
        np.testing.assert_allclose(changed, usual * volume, atol=1e-6)


@pytest.mark.parametrize("language", limits.LANGUAGES)
def test_no_voice_clips_at_its_own_level_and_none_is_faint(studio: Studio, language: str) -> None:
    for voice in catalogue():
        if voice.accent.language == language:
            samples, _ = studio.say("Taxi, banana! 12, 34?", voice=voice.id, language=None)
            assert 0.1 < np.abs(samples).max() < 0.8
            assert np.abs(samples * 2 > 1).mean() < 0.001


@pytest.mark.parametrize("rate", [8000, 24000, 48000])
def test_resampled_speech_has_the_same_duration_and_timings(studio: Studio, rate: int) -> None:
    usual, words = studio.say(TEXT)
    resampled, same = studio.say(TEXT, rate)
    assert same == words
    assert abs(len(resampled) / rate - len(usual) / 22050) < 1.5 / rate


def test_sentences_meet_in_silence_without_a_click(studio: Studio) -> None:
    samples, words = studio.say(TEXT, 44100)
    loudest = float(np.abs(np.diff(samples)).max())
    ends = [word for word in words if word.text in ("hour.", "minds!", "would?")]
    for word in ends:
        seam = samples[round(word.end * 44100) : round((word.end + 0.25) * 44100)]
        assert np.abs(np.diff(seam)).max() < loudest / 4
        assert np.abs(seam[len(seam) // 2 :]).max() < 0.02


def test_a_wait_shortens_the_pause_that_follows_and_keeps_the_timings_true(
    studio: Studio,
) -> None:
    """What is said to a waiting listener ends in silence taken from the next pause."""

    async def speak() -> tuple[Samples, list[Span]]:
        voicing = Voicing(studio.synthesiser, generation())
        one, two = pieces("Banana. Tomato.")
        first = await voicing.speak(one)
        rest = voicing.settle()
        second = await voicing.speak(two)
        samples = np.concatenate([first.samples, rest, second.samples, voicing.finish()])
        return samples, [*first.words, *second.words]

    usual, words = studio.say("Banana. Tomato.")
    waited, same = asyncio.run(speak())
    np.testing.assert_array_equal(waited, usual)
    assert same == words


def test_emotions_change_pitch_and_pace(studio: Studio) -> None:
    usual, _ = studio.say(TEXT)
    sad, _ = studio.say(TEXT, generation_config={"emotion": "sad"})
    excited, _ = studio.say(TEXT, generation_config={"emotion": "excited"})
    assert len(sad) > len(usual) > len(excited)


def test_a_language_without_spaces_is_timed_by_what_is_spoken(studio: Studio) -> None:
    _, words = studio.say("你好世界。", language="zh")
    assert "".join(word.text for word in words) == "你好世界。"
    assert len(words) > 1
    assert all(word.start < word.end for word in words)


def test_a_voice_espeak_does_not_have_is_an_error(studio: Studio) -> None:
    with pytest.raises(EspeakError, match="no voice 'xx'"):
        asyncio.run(studio.synthesiser.render("Hi.", Manner("xx")))
