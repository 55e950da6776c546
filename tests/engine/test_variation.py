"""A voice that varies from take to take, and one that does not heed what it is asked."""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Iterator

import numpy as np
import pytest

from cartesia_nb.analysis.pitch import pitch
from cartesia_nb.engine.alignment import Span
from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.engine.requests import read_generation
from cartesia_nb.engine.sentences import pieces
from cartesia_nb.engine.synth import Synthesiser, Voicing
from cartesia_nb.engine.variation import NONE, Variation, drawn
from cartesia_nb.errors import EngineError
from cartesia_nb.protocol.encodings import Samples
from tests.engine.talk import Server, audio, converse, output, request, streamed, timed

TEXT = "Banana, tomato, potato. Taxi!"


@pytest.fixture
def synthesiser() -> Iterator[Synthesiser]:
    one = Synthesiser()
    yield one
    one.close()


def say(
    synthesiser: Synthesiser, variation: Variation, text: str = TEXT, rate: int = 22050
) -> tuple[Samples, list[Span]]:
    asked = request("", "a", output_format=output("pcm_f32le", rate))

    async def run() -> tuple[Samples, list[Span]]:
        voicing = Voicing(synthesiser, read_generation(asked, "a", ("raw",)), variation)
        parts: list[Samples] = []
        words: list[Span] = []
        for piece in pieces(text):
            spoken = await voicing.speak(piece)
            parts.append(spoken.samples)
            words += spoken.words
        return np.concatenate([*parts, voicing.finish()]), words

    return asyncio.run(run())


def test_without_variation_nothing_is_drawn() -> None:
    assert drawn(0, 1, 2) == NONE == (1, 1, 1)


def test_its_spread_is_what_was_asked_in_each_of_the_three_and_they_go_their_own_ways() -> None:
    takes = np.array([drawn(3, 0, number) for number in range(2000)])
    np.testing.assert_allclose(takes.mean(axis=0), 1, atol=0.003)
    np.testing.assert_allclose(takes.std(axis=0), 0.03, rtol=0.05)
    assert np.abs(takes - 1).max() <= 0.09 + 1e-12
    assert np.abs(np.corrcoef(takes.T) - np.eye(3)).max() < 0.1


def test_the_same_seed_gives_the_same_takes_and_another_others() -> None:
    assert drawn(3, 5, 7) == drawn(3, 5, 7) != drawn(3, 6, 7)


@pytest.mark.parametrize("pace", [0.9, 1.1])
def test_pace_varies_the_duration(synthesiser: Synthesiser, pace: float) -> None:
    usual, _ = say(synthesiser, NONE)
    changed, _ = say(synthesiser, Variation(pace=pace))
    assert len(usual) / len(changed) == pytest.approx(pace, rel=0.02)


@pytest.mark.parametrize("factor", [0.92, 1.08])
def test_pitch_varies_the_pitch_and_not_the_duration(
    synthesiser: Synthesiser, factor: float
) -> None:
    usual, _ = say(synthesiser, NONE)
    changed, _ = say(synthesiser, Variation(pitch=factor))
    one, other = (np.nanmedian(pitch(samples, 22050).frequency) for samples in (changed, usual))
    assert one / other == pytest.approx(factor, rel=0.02)
    # espeak-ng's rate, which makes up for it, holds within 3 %.
    assert len(usual) / len(changed) == pytest.approx(1, rel=0.03)


def test_level_scales_every_sample(synthesiser: Synthesiser) -> None:
    usual, _ = say(synthesiser, NONE)
    louder, _ = say(synthesiser, Variation(level=1.05))
    np.testing.assert_allclose(louder, usual * np.float32(1.05), atol=1e-6)


@pytest.mark.parametrize("rate", [8000, 22050, 44100])
def test_timestamps_stay_true(synthesiser: Synthesiser, rate: int) -> None:
    """Between the sentences there is silence where the words say so, and nowhere else."""
    for number in range(6):
        samples, words = say(synthesiser, drawn(10, 3, number), "Go. Go. Go.", rate)
        loud = np.abs(samples) > 0.02 * np.abs(samples).max()
        for word in words:
            assert loud[round(word.start * rate) : round(word.end * rate)].mean() > 0.3
        starts = [round(word.start * rate) for word in words]
        for word, following in zip(words, starts[1:], strict=False):
            quiet = loud[round((word.end + 0.03) * rate) : following - round(0.02 * rate)]
            assert len(quiet) > 0.1 * rate
            assert quiet.mean() < 0.02


@pytest.fixture
def server(unruly: EngineProcess) -> Iterator[Server]:
    yield Server(unruly.url, unruly.api_key)
    unruly.control(ignore=[], variation=0, seed=0)


def lengths(server: Server) -> list[int]:
    """Of the same text over and over."""
    return [len(audio(converse(server, request("Banana.")))) for _ in range(6)]


def test_takes_differ_and_a_run_can_be_repeated_on_the_same_engine(
    unruly: EngineProcess, server: Server
) -> None:
    usual = lengths(server)
    unruly.control(variation=3.0)
    first = lengths(server)
    unruly.control(variation=3.0)
    again = lengths(server)
    unruly.control(seed=1)
    other = lengths(server)
    unruly.control(variation=0)
    assert len(set(usual)) == 1 and lengths(server) == usual
    assert len(set(first)) > 1 and again == first != other


def test_all_ways_vary_and_each_counts(unruly: EngineProcess, server: Server) -> None:
    """One numbering: whichever way the third take comes, it is the third."""
    asked = request("Banana.")

    def by_socket() -> bytes:
        return audio(converse(server, asked))

    def by_events() -> bytes:
        return audio(streamed(server, asked))

    def by_bytes() -> bytes:
        with server.http() as http:
            return http.post("/tts/bytes", json=asked).content

    ways = [by_socket, by_events, by_bytes]
    runs = []
    for turn in range(3):
        unruly.control(variation=5.0)
        # The silence that a waiting listener gets is the socket's and the events' own.
        runs.append([np.frombuffer(way()[:4000], np.int16) for way in ways[turn:] + ways[:turn]])
    for number in range(3):
        np.testing.assert_array_equal(runs[0][number], runs[1][number])
        np.testing.assert_array_equal(runs[0][number], runs[2][number])
    assert not np.array_equal(runs[0][0], runs[0][1])


def test_words_end_within_the_audio_of_a_varied_take(unruly: EngineProcess, server: Server) -> None:
    unruly.control(variation=10.0)
    ends = []
    for _ in range(5):
        events = converse(server, request(TEXT, add_timestamps=True))
        words = timed(events)
        ends.append(words[-1][2])
        assert [text for text, _, _ in words] == TEXT.split()
        assert ends[-1] <= len(audio(events)) / 2 / 22050
    assert statistics.stdev(ends) > 0.03


@pytest.mark.parametrize(
    ("name", "value"), [("speed", 1.5), ("volume", 2.0), ("emotion", "excited")]
)
def test_what_is_ignored_is_taken_and_does_nothing(
    unruly: EngineProcess, server: Server, name: str, value: object
) -> None:
    def spoken(**config: object) -> list[bytes]:
        asked = request("Banana.", generation_config=config)
        with server.http() as http:
            return [audio(converse(server, asked)), http.post("/tts/bytes", json=asked).content]

    usual = spoken()
    heeded = spoken(**{name: value})
    unruly.control(ignore=[name])
    ignored = spoken(**{name: value})
    wrong = converse(server, request("Banana.", generation_config={name: "nonsense"}))
    unruly.control(ignore=[other for other in ("speed", "volume", "emotion") if other != name])
    others = spoken(**{name: value})
    assert ignored == usual and heeded == others
    assert all(one != other for one, other in zip(usual, heeded, strict=True))
    assert wrong[-1]["type"] == "error"
    assert json.dumps(unruly.log()[-1]["generation_config"]) == json.dumps({name: value})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ignore": "speed"}, "ignore is 'speed'; it takes a list of any of speed, volume"),
        ({"ignore": ["pitch"]}, "a list of any of speed"),
        ({"variation": 10.5}, "variation is 10.5; it takes 0 to 10 percent"),
        ({"variation": -1}, "variation is -1"),
        ({"variation": True}, "variation is True"),
        ({"seed": 1.5}, "seed is 1.5; it takes a whole number"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_also_before_the_start(
    unruly: EngineProcess, settings: dict[str, object], said: str
) -> None:
    for engine in (unruly, EngineProcess()):
        with pytest.raises(EngineError, match=said):
            engine.control(**settings)
