"""What is heard in a blind trial: equally loud, equally long, at one rate, and without a name."""

from __future__ import annotations

import builtins
import itertools
import sys
from collections.abc import Mapping, Sequence

import numpy as np
import pyloudnorm
import pytest

from cartesia_nb.errors import SettingsError
from cartesia_nb.protocol.encodings import Samples, decode
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning.stimuli import (
    CEILING_DB,
    Measured,
    Stimuli,
    common_rate,
    dithered,
    matched,
    possible,
    samples_of,
    stimuli,
)
from tests.tuning.heard import spoken, take_of, tone

RATE = 24_000
PEAK = 10 ** (CEILING_DB / 20)


def measured(samples: Samples, rate: int = RATE) -> float:
    """By pyloudnorm as anybody would call it."""
    return float(pyloudnorm.Meter(rate).integrated_loudness(samples.astype(np.float64)))


def heard(made: Stimuli) -> list[Samples]:
    return [decode(each.store.read(), "pcm_s16le") for each in made.recordings]


def noise(seconds: float, level: float, seed: int = 1) -> Samples:
    chance = np.random.default_rng(seed)
    return (level * chance.standard_normal(round(seconds * RATE))).astype(np.float32)


LOUD, SOFT, DENSE = tone(2.0, level=0.3), tone(1.3, level=0.01), noise(1.7, 0.05)


def test_matched_signals_are_equally_loud_for_pyloudnorm_and_none_clips() -> None:
    found = matched([LOUD, SOFT, DENSE], RATE)
    levels = [measured(signal) for signal in found.signals]
    assert max(levels) - min(levels) < 0.1
    assert found.loudness == pytest.approx(levels[0], abs=0.1)
    peaks = [float(np.abs(signal).max()) for signal in found.signals]
    assert max(peaks) == pytest.approx(PEAK, rel=1e-5), "the loudest that all can have"
    assert found.unmatched == ()


def test_a_target_holds_where_peaks_allow_it() -> None:
    found = matched([LOUD, SOFT], RATE, -30.0)
    assert [measured(signal) for signal in found.signals] == pytest.approx([-30, -30], abs=0.1)
    best = matched([LOUD, SOFT], RATE).loudness
    assert matched([LOUD, SOFT], RATE, 0.0).loudness == best


def test_it_is_by_gain_alone() -> None:
    for before, after in zip([LOUD, SOFT], matched([LOUD, SOFT], RATE).signals, strict=True):
        gain = float(after @ before) / float(before @ before)
        assert np.abs(after - gain * before).max() < 1e-6


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (np.zeros(RATE, np.float32), "silent"),
        (tone(0.3), "shorter than 0.4 s"),
        (np.full(RATE, np.nan, np.float32), "silent"),
    ],
)
def test_what_cannot_be_measured_is_told_and_the_others_are_matched(odd: Samples, why: str) -> None:
    found = matched([LOUD, odd, SOFT], RATE)
    assert found.unmatched == ((1, why),)
    assert measured(found.signals[0]) == pytest.approx(measured(found.signals[2]), abs=0.1)
    assert np.array_equal(found.signals[1], np.nan_to_num(odd))


def test_where_nothing_can_be_measured_nothing_is_made_louder_or_clips() -> None:
    short = tone(0.2, level=3.0)
    found = matched([short, np.zeros(10, np.float32)], RATE, -20.0)
    assert found.loudness is None
    assert float(np.abs(found.signals[0]).max()) == pytest.approx(PEAK, rel=1e-5)


def test_dither_is_white_and_of_no_bias_and_other_each_time() -> None:
    level = np.full(200_000, 1000.3 / 32768, np.float32)
    error = decode(dithered(level), "pcm_s16le") * 32768 - 1000.3
    assert float(error.mean()) == pytest.approx(0, abs=0.01)
    # Triangular dither makes the error's power a quarter of a step squared whatever the signal.
    assert float(error.var()) == pytest.approx(0.25, abs=0.01)
    assert abs(float((error[1:] * error[:-1]).mean())) < 0.01
    assert dithered(level) != dithered(level)


def test_samples_at_the_ends_of_the_scale_do_not_wrap() -> None:
    ends = np.array([1.0, -1.0, 1.5, -1.5] * 100, np.float32)
    back = decode(dithered(ends), "pcm_s16le")
    assert np.array_equal(back > 0, ends > 0)


def test_rates_that_differ_are_brought_to_the_highest_by_soxr() -> None:
    low, high = take_of(tone(1.0, 16_000), sample_rate=16_000), take_of(tone(1.0))
    assert common_rate([low, high]) == RATE
    assert common_rate([low, low]) == 16_000
    found = samples_of(low, RATE)
    assert len(found) == RATE
    middle = slice(RATE // 4, 3 * RATE // 4)
    assert np.abs(found - tone(1.0))[middle].max() < 0.02
    assert np.array_equal(samples_of(high, RATE), high.samples)


def test_without_soxr_differing_rates_are_refused_and_equal_ones_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = builtins.__import__

    def without_soxr(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        if name == "soxr":
            raise ImportError("No module named 'soxr'")
        return usual(name, globals, locals, fromlist or (), level)

    monkeypatch.delitem(sys.modules, "soxr", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_soxr)
    low, high = take_of(tone(1.0, 16_000), sample_rate=16_000), take_of(tone(1.0))
    with pytest.raises(SettingsError, match=r"16000, 24000 Hz.*cartesia-nb\[local\]"):
        common_rate([low, high])
    assert common_rate([high, high]) == RATE


def pair() -> tuple[Take, Take]:
    text = "one two three"
    first = take_of(LOUD, text, spoken(text, (0.1, 0.7, 1.3)), voice="v1")
    second = take_of(SOFT, text, spoken(text, (0.2, 0.5, 0.9)), encoding="pcm_f32le", speed=1.4)
    return first, second


def spans(made: Stimuli) -> list[slice]:
    """Where in each stimulus its take lies, without the silence around it."""
    found = []
    for sound in heard(made):
        loud = np.flatnonzero(np.abs(sound) > 3 / 32768)
        found.append(slice(int(loud[0]), int(loud[-1]) + 1))
    return found


def test_of_one_trial_all_are_equally_loud_and_long_and_none_is_another() -> None:
    a, b = pair()
    made = stimuli([a, b, a], RATE, None)
    sounds = heard(made)
    levels = [measured(sound[speech]) for sound, speech in zip(sounds, spans(made), strict=True)]
    assert max(levels) - min(levels) < 0.1
    assert len({len(sound) for sound in sounds}) == 1
    assert len({recording.store.read() for recording in made.recordings}) == 3
    assert len({recording.id for recording in made.recordings}) == 3
    assert {a.id, b.id}.isdisjoint(recording.id for recording in made.recordings)


@pytest.mark.parametrize("seconds", [0.3, 0.5, 1.0])
def test_a_short_take_is_as_loud_twice_whatever_silence_is_around_it(seconds: float) -> None:
    short, long = take_of(tone(seconds, level=0.1)), take_of(tone(3.0, level=0.3))
    of = [Measured.of(take.samples, RATE) for take in (short, long)]
    made = stimuli([short, long, short], RATE, possible(of))
    energy = [float((sound.astype(np.float64) ** 2).sum()) for sound in heard(made)]
    assert 10 * np.log10(energy[0] / energy[2]) == pytest.approx(0, abs=0.01)
    if of[0].loudness is None:
        bare = float((short.samples.astype(np.float64) ** 2).sum())
        assert energy[0] == pytest.approx(bare, rel=0.01), "it keeps its level, as is said of it"


def test_takes_of_8_and_44_khz_one_with_a_long_silence_are_equally_loud_and_do_not_clip() -> None:
    gap = np.zeros(8 * 44_100, np.float32)
    low = take_of(tone(1.2, 8000, 0.05), sample_rate=8000)
    gapped = np.concatenate([tone(1.0, 44_100, 0.3), gap, tone(0.8, 44_100, 0.3)])
    high = take_of(gapped, sample_rate=44_100)
    made = stimuli([low, high], 44_100, None)
    sounds = heard(made)
    levels = [
        measured(sound[speech], 44_100) for sound, speech in zip(sounds, spans(made), strict=True)
    ]
    assert levels[0] == pytest.approx(levels[1], abs=0.3)
    assert max(float(np.abs(sound).max()) for sound in sounds) == pytest.approx(PEAK, rel=1e-3)


def test_two_trials_of_the_same_pair_share_no_bytes_and_no_ids() -> None:
    a, b = pair()
    trials = [stimuli([a, b, a], RATE, -30.0) for _ in range(4)]
    recordings = [each for made in trials for each in made.recordings]
    assert len({each.store.read() for each in recordings}) == 12
    assert len({each.id for each in recordings}) == 12


def test_places_and_words_are_where_the_sound_is() -> None:
    a, b = pair()
    made = stimuli([a, b, a], RATE, None)
    total = len(heard(made)[0]) / RATE
    for row in made.places:
        assert row[0] == 0.0
        assert row[-1] == total
        assert (np.diff(row) > 0).all()
    assert [word for word, _ in made.words] == ["one", "two", "three"]
    at = [index for _, index in made.words]
    for take, row in zip([a, b, a], made.places, strict=True):
        leads = np.array([row[i] for i in at]) - [word.start for word in take.words]
        assert 0 < np.ptp(leads) < 0.005, "nor told by the distances between words"
        assert 0.015 < leads.mean() < 0.105
    assert made.places[0] != made.places[2], "that X is A is not written in where its words lie"
    whole = np.correlate(heard(made)[0], heard(made)[2], "full")
    shift = (int(np.abs(whole).argmax()) - len(heard(made)[0]) + 1) / RATE
    assert made.places[0][3] - made.places[2][3] == pytest.approx(shift, abs=0.005)


def test_a_recording_tells_nothing_but_the_text_that_all_share() -> None:
    a, b = pair()
    made = stimuli([a, b], RATE, None)
    for one, other in itertools.pairwise(made.recordings):
        assert one.settings == other.settings
        assert one.backend == other.backend
        assert one.text == other.text == "one two three"
        assert one.words == other.words == []
    apart = stimuli([a, take_of(SOFT, "something else")], RATE, None)
    assert [each.text for each in apart.recordings] == ["", ""]
    assert apart.words == []
    assert not apart.by_words


def test_words_that_are_spelled_apart_are_not_shown() -> None:
    a, _ = pair()
    b = take_of(SOFT, "one two three", spoken("one TWO three", (0.2, 0.5, 0.9)))
    assert [word for word, _ in stimuli([a, b], RATE, None).words] == ["one", "three"]
