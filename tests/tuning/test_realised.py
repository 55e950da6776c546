"""What a take realised, of every kind of take and of real speech."""

from __future__ import annotations

import builtins
import json
import math
from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pytest

from cartesia_nb.analysis.pitch import pitch
from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.session import Session, connect
from cartesia_nb.plots import alt_text, plot_realised
from cartesia_nb.protocol.encodings import decode, encode
from cartesia_nb.speech.backend import ENGINE
from cartesia_nb.speech.recording import Recording, State, Word
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning.realised import Realised, effect, realised_of
from tests.analysis.spoken import TEXT, spoken
from tests.plots.conftest import MakeTake, agg, make_take, voice, words_of
from tests.plots.test_any_take import KINDS

__all__ = ["agg", "make_take"]

NOTHING = Realised()


def take_of(
    text: str = TEXT,
    *,
    rate: int = 22050,
    encoding: str = "pcm_f32le",
    words: list[Word] | None = None,
    state: State = "done",
    samples: np.ndarray | None = None,
) -> Take:
    """A take of the text, spoken by a real voice unless samples are given."""
    recording = Recording(Settings(sample_rate=rate, encoding=encoding), ENGINE)
    recording.add_text(text)
    recording.begin()
    wave = spoken("gmw/en-US", rate, text) if samples is None else samples
    recording.add_audio(encode(wave, encoding), received=1.0, step_time=None, flush_id=None)
    recording.add_words(words or [], None)
    recording.end(state, 2.0, None)
    return Take(recording)


def timed(text: str, begin: float, end: float) -> list[Word]:
    return [Word(w, a + begin, b + begin) for w, a, b in words_of(text, end - begin)]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_take_has_figures_that_json_takes(make_take: MakeTake, kind: str) -> None:
    plain = realised_of(KINDS[kind](make_take)).to_dict()
    assert list(plain) == [field.name for field in fields(Realised)]
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    for value in plain.values():
        assert value is None or type(value) in (int, float, str)


@pytest.mark.parametrize(
    "kind",
    ["empty", "failed before any audio", "not answered yet", "silent", "no numbers"],
)
def test_where_nothing_is_spoken_nothing_is_known(make_take: MakeTake, kind: str) -> None:
    assert realised_of(KINDS[kind](make_take)) == NOTHING


@pytest.mark.parametrize("rate", [8000, 22050, 44100])
def test_rates_are_words_over_the_time_of_speech_with_and_without_its_pauses(rate: int) -> None:
    found = realised_of(take_of(rate=rate))
    words, seconds = len(TEXT.split()), len(spoken("gmw/en-US", rate)) / rate
    assert found.rate_source == "signal"
    assert found.speech_seconds is not None and found.pause_seconds is not None
    assert 0.95 * seconds < found.speech_seconds <= seconds
    assert found.speaking_rate == pytest.approx(60 * words / found.speech_seconds)
    spoken_seconds = found.speech_seconds - found.pause_seconds
    assert found.articulation_rate == pytest.approx(60 * words / spoken_seconds)
    assert found.pauses is not None and found.longest_pause is not None
    assert 0.15 < found.longest_pause < found.pause_seconds < found.pauses * found.longest_pause


def test_words_that_are_timed_say_where_speech_begins_and_ends() -> None:
    words = timed("one two three", 0.1, 0.9)
    found = realised_of(take_of("one two three", samples=voice(1.0), words=words))
    assert found.rate_source == "timestamps"
    assert found.speech_seconds == pytest.approx(0.8)
    assert found.speaking_rate == pytest.approx(3 * 60 / 0.8)


@pytest.mark.parametrize(
    "words",
    [
        [],
        timed("two three", 0.1, 0.9),  # the first is missing
        timed("one two", 0.1, 0.9),  # the last is
        timed("one two three", 0.1, 99.0),  # beyond the audio
        timed("one two three", 0.1, 1.06),  # by little
        timed("one two three", 0.0, 0.5),  # as if twice as fast: as much sounds afterwards
        timed("one two three", 0.6, 1.0),  # and before
        timed("one two three", 0.2, 0.25),  # within a twentieth of a second
        timed("one two three", -1.0, 0.5),
        [Word("one", 0.1, math.nan), Word("three", 0.5, 0.9)],
        [Word("one", 0.5, 0.1), Word("three", 0.5, 0.9)],
    ],
)
def test_times_that_make_no_sense_are_not_believed(words: list[Word]) -> None:
    found = realised_of(take_of("one two three", samples=voice(1.0), words=words))
    plain = realised_of(take_of("one two three", samples=voice(1.0)))
    assert found == plain
    assert found.rate_source == "signal"


def test_times_out_of_order_and_missing_and_tags_in_the_text_are_no_hindrance() -> None:
    words = [Word("four", 0.8, 1.0), Word("“Two", 0.1, 0.3), Word("two", 0.4, 0.6)]
    text = '<break time="1s"/>“Two + two = four.”'
    found = realised_of(take_of(text, samples=voice(1.0), words=words))
    assert found.rate_source == "timestamps"
    assert found.speech_seconds == pytest.approx(0.9)
    assert found.speaking_rate == pytest.approx(3 * 60 / 0.9)


def test_characters_that_are_timed_one_by_one_are_words_there() -> None:
    text = "今天天气很好。"
    words = [Word(sign, 0.1 * i, 0.1 * i + 0.1) for i, sign in enumerate("今天天气很好")]
    found = realised_of(take_of(text, samples=voice(0.7), words=words))
    assert found.rate_source == "timestamps"
    assert found.speaking_rate == pytest.approx(6 * 60 / 0.6)


@pytest.mark.parametrize(
    "tags",
    [
        ['<speed ratio="1.5"/>', '<break time="1s"/>'],
        ["<speed", "ratio", '="1.5"/>', "<break", "time", '="1s"/>'],  # cut at their spaces
    ],
)
@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_tags_among_the_words_are_no_words(tags: list[str], state: State) -> None:
    half = len(tags) // 2
    words = [
        *(Word(tag, 0.0, 0.05) for tag in tags[:half]),
        *timed("one two three", 0.1, 0.9),
        *(Word(tag, 0.9, 1.0) for tag in tags[half:]),
    ]
    text = '<speed ratio ="1.5"/> One, two, three. <break time ="1s"/>'
    found = realised_of(take_of(text, samples=voice(1.0), words=words, state=state))
    assert found.rate_source == "timestamps"
    assert found.speaking_rate == pytest.approx(3 * 60 / 0.8)


def test_a_tag_that_never_ends_leaves_the_signal() -> None:
    words = [Word("<one", 0.1, 0.2), *timed("two three", 0.2, 0.9)]
    assert realised_of(take_of("<one two three", samples=voice(1.0), words=words)).rate_source == (
        "signal"
    )


def test_pauses_outside_the_words_are_not_taken_from_their_rate() -> None:
    wave = np.concatenate([voice(0.3), np.zeros(4410, np.float32), voice(2.0)])
    words = timed("one two three", 0.6, 2.4)
    found = realised_of(take_of("one two three", samples=wave, words=words))
    assert found.rate_source == "timestamps" and found.pauses and found.pause_seconds
    within = 60 * 3 / (1.8 - found.pause_seconds)
    assert found.articulation_rate is not None and found.articulation_rate < 0.95 * within


def test_the_last_to_end_is_not_always_the_last_to_begin() -> None:
    words = [Word("one", 0.1, 0.4), Word("two", 0.3, 0.95), Word("three", 0.5, 0.9)]
    found = realised_of(take_of("one two three", samples=voice(1.0), words=words))
    assert found.speech_seconds == pytest.approx(0.85)


def test_percentiles_are_those_of_the_voiced_frames() -> None:
    samples = spoken("gmw/en-US+f2", 22050)
    track = pitch(samples, 22050)
    found = realised_of(take_of(samples=samples))
    assert [found.f0_low, found.f0_median, found.f0_high] == pytest.approx(
        np.percentile(track.frequency[track.voiced], [5, 50, 95])
    )


def test_a_whisper_has_no_pitch() -> None:
    found = realised_of(take_of(samples=spoken("gmw/en-US+whisper", 22050)))
    assert (found.f0_median, found.f0_low, found.f0_high, found.f0_range) == (None,) * 4
    assert found.spectral_tilt is not None and found.speaking_rate is not None


def test_speech_ends_no_later_than_the_audio() -> None:
    tone = np.sin(np.arange(5010) / 20).astype(np.float32)  # 91 blocks and a part of one
    assert realised_of(take_of("yes", samples=tone)).speech_seconds == 5010 / 22050


@pytest.mark.parametrize("state", ["cancelled", "failed", "speaking"])
def test_of_a_take_that_broke_off_only_words_that_sounded_are_counted(state: State) -> None:
    words = timed("a b c d e f g h i j", 0.0, 2.0)
    recorded = voice(1.0)
    found = realised_of(take_of("a b c d e f g h i j", samples=recorded, words=words, state=state))
    assert found.rate_source == "timestamps"
    assert found.speaking_rate == pytest.approx(5 * 60 / 1.0)
    untimed = realised_of(take_of("a b c d e f g h i j", samples=recorded, state=state))
    assert untimed.rate_source == "signal"
    assert untimed.speaking_rate is None and untimed.speech_seconds is not None


def test_eight_khz_and_mu_law_change_little() -> None:
    plain = realised_of(take_of(rate=44100)).to_dict()
    coded = realised_of(take_of(rate=8000, encoding="pcm_mulaw")).to_dict()
    near = {"speaking_rate": 0.01, "articulation_rate": 0.02, "f0_median": 0.01, "f0_range": 0.02}
    for name, share in near.items():
        assert coded[name] == pytest.approx(plain[name], rel=share), name
    assert coded["loudness"] == pytest.approx(plain["loudness"], abs=0.7)
    assert coded["spectral_tilt"] == pytest.approx(plain["spectral_tilt"], abs=0.4)


def test_one_word_has_a_rate_and_no_word_has_none() -> None:
    one = realised_of(take_of("Yes.", samples=voice(0.5)))
    assert one.speech_seconds is not None
    assert one.speaking_rate == pytest.approx(60 / one.speech_seconds)
    assert one.pauses == 0 and one.longest_pause is None and one.pause_seconds == 0.0
    none = realised_of(take_of("...", samples=voice(0.5)))
    assert (none.speaking_rate, none.articulation_rate) == (None, None)
    assert none.speech_seconds == one.speech_seconds and none.f0_median is not None


def test_half_the_level_is_six_db_less_and_nothing_else() -> None:
    loud, soft = (
        realised_of(take_of(samples=spoken("gmw/en-US", 22050) * np.float32(gain)))
        for gain in (1.0, 0.5)
    )
    assert loud.loudness is not None and soft.loudness is not None
    assert loud.loudness - soft.loudness == pytest.approx(20 * math.log10(2), abs=0.01)
    assert loud.pauses == soft.pauses and loud.speaking_rate == soft.speaking_rate
    assert loud.f0_median == pytest.approx(soft.f0_median)


def test_a_higher_voice_is_found_higher_and_its_range_is_in_semitones() -> None:
    low, high = (
        realised_of(take_of(samples=spoken(name, 22050)))
        for name in ("gmw/en-US+m7", "gmw/en-US+f2")
    )
    assert low.f0_median is not None and high.f0_median is not None
    assert low.f0_median < high.f0_median
    for one in (low, high):
        assert one.f0_low is not None and one.f0_high is not None and one.f0_median is not None
        assert one.f0_low < one.f0_median < one.f0_high
        assert one.f0_range == pytest.approx(12 * math.log2(one.f0_high / one.f0_low))


def test_under_four_tenths_of_a_second_there_is_no_loudness() -> None:
    samples = spoken("gmw/en-US", 22050)
    assert realised_of(take_of(samples=samples[:8800])).loudness is None
    assert realised_of(take_of(samples=samples[:8840])).loudness is not None


def test_without_the_extra_only_loudness_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = realised_of(take_of())
    load = builtins.__import__

    def missing(name: str, *rest: object, **more: object) -> object:
        if name == "pyloudnorm":
            raise ImportError("No module named 'pyloudnorm'")
        return load(name, *rest, **more)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(builtins, "__import__", missing)
    plain = realised_of(take_of())
    assert plain.loudness is None
    assert {**plain.to_dict(), "loudness": whole.loudness} == whole.to_dict()


def test_the_takes_own_samples_are_read_in_its_own_encoding() -> None:
    wave = spoken("gmw/en-US", 22050)
    assert np.abs(decode(encode(wave, "pcm_s16le"), "pcm_s16le") - wave).max() < 1e-4
    found, coded = realised_of(take_of()), realised_of(take_of(encoding="pcm_s16le"))
    assert coded.f0_median == pytest.approx(found.f0_median, rel=1e-3)


TEXTS = (
    "The quick brown fox jumps over the lazy dog, and then it sleeps for an hour.",
    "Nobody minds! Who would? It was a long way, uphill, in the rain.",
)


@pytest.fixture
def one_at_a_time(engine: EngineProcess) -> Iterator[Session]:
    """A session whose takes vary like a voice's, each time in the same way."""
    engine.control(variation=1.5, seed=11)
    with connect(api_key=engine.api_key, base_url=engine.url, max_contexts=1) as session:
        yield session
    engine.control(variation=0.0, seed=0, ignore=[])


def test_the_speed_that_was_asked_for_is_recovered_within_five_percent(
    one_at_a_time: Session,
) -> None:
    speeds = [0.6, 0.8, 1.0, 1.2, 1.5]
    rows = one_at_a_time.sweep(TEXTS, speed=speeds, repeats=3).wait().to_records()
    found = effect(rows, "speed")
    assert found.seen and found.takes == 30 and found.failed == 0
    # The engine's own voice keeps to a speed within 3 %, and a take varies by 1.5 %.
    assert [one.change for one in found.levels] == pytest.approx(speeds, rel=0.05)
    assert found.miss is not None and found.miss < 0.05
    assert found.spread is not None and 0.005 < found.spread < 0.04
    for one in found.levels:
        if one.value != found.reference:
            assert one.change_low is not None and one.change_high is not None
            assert 1.01 < one.change_high / one.change_low < 1.1
    # What speed does not change is not said to change.
    assert effect(rows, "speed", "f0_median").seen is False
    drawn = plot_realised(rows, "speed")
    assert "An effect is seen: from speed 0.6 to 1.5" in alt_text(drawn)


def test_volume_is_recovered_within_half_a_db_and_other_axes_do_not_hide_it(
    one_at_a_time: Session,
) -> None:
    rows = (
        one_at_a_time.sweep(TEXTS[0], volume=[None, 0.5, 2.0], speed=[0.8, 1.2], repeats=2)
        .wait()
        .to_records()
    )
    found = effect(rows, "volume")
    assert found.seen and found.reference is None
    assert [one.change for one in found.levels] == pytest.approx([0, -6.02, 6.02], abs=0.5)
    assert found.miss is not None and found.miss < 0.5
    by_speed = effect(rows, "speed")
    assert by_speed.change == pytest.approx(1.5, rel=0.05)


def test_what_the_voice_ignores_is_seen_to_have_no_effect(
    engine: EngineProcess, one_at_a_time: Session
) -> None:
    engine.control(ignore=["speed", "volume", "emotion"])
    sweep = one_at_a_time.sweep(
        TEXTS[1], repeats=2, speed=[0.6, 1.0, 1.5], volume=[0.5, 2.0], emotion=[None, "sad"]
    )
    rows = sweep.wait().to_records()
    for parameter in ("speed", "volume", "emotion"):
        found = effect(rows, parameter)
        assert found.seen is False, str(found)
        assert str(found).startswith("No effect seen")
    speed = effect(rows, "speed")
    assert speed.change == pytest.approx(1, abs=0.04)
    assert "no effect seen" in [text.get_text() for text in plot_realised(rows, "speed").texts]


def test_takes_of_a_voice_that_never_varies_are_no_hindrance(
    engine: EngineProcess, session: Session
) -> None:
    engine.control(ignore=["speed"])
    rows = session.sweep(TEXTS[1], speed=[0.6, 1.5], repeats=2).wait().to_records()
    engine.control(ignore=[])
    found = effect(rows, "speed")
    assert (found.seen, found.spread, found.p) == (False, 0.0, 1.0)
    rows = session.sweep(TEXTS[1], speed=[0.6, 1.5], repeats=2).wait().to_records()
    found = effect(rows, "speed")
    assert (found.seen, found.spread) == (True, 0.0)
    assert found.change == pytest.approx(2.5, rel=0.05)
