import pytest

from cartesia_nb.analysis.effect import effect
from cartesia_nb.analysis.verdict import in_words, verdict
from tests.analysis.taken import rows_of


def test_an_effect_is_said_with_its_size_and_what_takes_of_one_setting_differ_by() -> None:
    found = effect(rows_of(), "speed")
    assert verdict(found) == (
        f"An effect is seen: from speed 0.6 to 1.5 the speaking rate changed by "
        f"{found.measure.say_change(found.change or 0)}; takes of one setting differ by "
        f"{found.measure.say_spread(found.spread or 0)}."
    )


def test_what_was_realised_of_what_was_asked_is_said_where_an_effect_is_seen() -> None:
    said = in_words(effect(rows_of(), "speed"))
    assert "45 takes of 3 texts, p < 0.0001, over 99 % of the variance within the texts" in said
    assert "Against speed 1: 0.6 came as 0.6" in said
    assert "furthest from what was asked is " in said
    assert "Against" not in in_words(effect(rows_of(works=False), "speed"))
    assert "Against" not in in_words(effect(rows_of(voices=("amy", "bob")), "voice"))
    volumes = in_words(effect(rows_of(volumes=(0.5, 1.0)), "volume"))
    assert "Against volume 1: 0.5 came as \N{MINUS SIGN}6 LU; furthest" in volumes


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (rows_of(works=False), "No effect seen: with speed from 0.6 to 1.5 the speaking rate "),
        (rows_of(works=False, noise=0), "differs by 0 % at most; takes of one setting do not diff"),
        (rows_of(works=False, speeds=(None, 1.0, 1.2)), "seen: with speed not set, 1 and 1.2 the "),
        (rows_of(works=False, speeds=(None, 1, 2, 3)), "seen: with 4 values of speed the "),
        (
            [
                {**row, "speaking_rate": rate}
                for row, rate in zip(
                    rows_of(texts=1, speeds=(1.0, 1.2)), [101, 102, 103, 100, 101, 102], strict=True
                )
            ],
            "the speaking rate differs by 0.99 % at most; takes of one setting differ by 0.99 %.",
        ),
        (rows_of(works=False, speeds=(1.0, 1.2), noise=1e-9), "seen: with speed 1 and 1.2 the "),
        (rows_of(repeats=1, texts=1), "Too few takes to tell: from speed 0.6 to 1.5 "),
        (rows_of(repeats=1), " %; each was spoken once."),
        (
            [{**row, "voice": row["speed"], "emotion": str(row["speed"])} for row in rows_of()],
            "speed changed together with voice and emotion, so what it did alone can't be told.",
        ),
        (
            [{**row, "text": f"of {row['speed']}"} for row in rows_of()],
            "speed changed together with the text, so what it did alone can't be told.",
        ),
        (
            [
                {**row, "volume": row["speed"], "emotion": emotion}
                for emotion in ("calm", "sad")
                for row in rows_of()
            ],
            "speed changed together with volume, so what it did alone can't be told.",
        ),
        (
            [
                {**row, "rate_source": "signal" if row["speed"] == 1.5 else "timestamps"}
                for row in rows_of()
            ],
            "speed changed together with where the span of speech is known from, so ",
        ),
        (
            [{**row, "speaking_rate": None} for row in rows_of()],
            "Nothing to be said: the speaking rate is unknown of every take.",
        ),
        (
            [{**row, "speaking_rate": 100.0 if row["speed"] == 1.0 else None} for row in rows_of()],
            "Nothing to be said: the speaking rate is known of one speed alone.",
        ),
    ],
)
def test_what_can_not_be_said_is_not_said(rows: list[dict[str, object]], said: str) -> None:
    assert said in verdict(effect(rows, "speed"))


def test_what_could_still_be_large_is_not_said_to_be_absent() -> None:
    """Two texts, once each: a third faster, and one residual to hold it against."""
    rows = rows_of(speeds=(0.8, 1.2), texts=2, repeats=1)
    found = effect(rows, "speed")
    assert found.p is not None and found.p > 0.01 and found.seen is None
    assert found.change_low is not None and found.change_high is not None
    assert found.change_low < 1.5 < found.change_high
    low, high = (found.measure.say_change(one) for one in (found.change_low, found.change_high))
    assert verdict(found).startswith("Too few takes to tell: from speed 0.8 to 1.2 ")
    assert f" % ({low} to {high}); each was spoken once." in verdict(found)
    assert "Against speed 1.2: 0.8 came as " in in_words(found)


@pytest.mark.parametrize(
    ("measure", "spread", "seen"),
    [
        ("speaking_rate", 1.5, False), ("speaking_rate", 30.0, None), ("loudness", 0.5, False),
        ("loudness", 5.0, None), ("score", 0.01, False), ("score", 100.0, False),
    ],
)  # fmt: skip
def test_how_much_is_large_depends_on_the_measure(
    measure: str, spread: float, seen: bool | None
) -> None:
    rows = rows_of(speeds=(0.8, 1.2), texts=1, repeats=4)
    for row, off in zip(rows, [-1, 0.2, 1, -0.2] * 2, strict=True):
        row[measure] = 150 + spread * off if measure != "loudness" else -20 + spread * off
    assert effect(rows, "speed", measure).seen is seen


@pytest.mark.parametrize("measure", ["speaking_rate", "loudness"])
@pytest.mark.parametrize("way", [1, -1])
def test_large_is_large_upwards_and_downwards(measure: str, way: int) -> None:
    """By 50 words a minute or 10 LU, and the one residual is a tenth of that."""
    rows = rows_of(speeds=(0.8, 1.2), texts=2, repeats=1)
    size = 50 if measure == "speaking_rate" else 10
    for row, value in zip(rows, (0.0, 1.0, 0.05, 0.95), strict=True):
        row[measure] = (150 if measure == "speaking_rate" else -20) + way * size * value
    found = effect(rows, "speed", measure)
    assert found.p is not None and found.p > 0.01
    assert found.seen is None


def test_of_a_measure_nobody_described_single_takes_tell_nothing() -> None:
    rows = rows_of(speeds=(0.8, 1.2), texts=3, repeats=1)
    for row, score in zip(rows, (3.0, 3.1, 2.0, 2.2, 4.0, 4.0), strict=True):
        row["score"] = score
    found = effect(rows, "speed", "score")
    assert found.p is not None and found.spread is None and found.seen is None


def test_many_values_are_not_all_named() -> None:
    found = effect(rows_of(speeds=[0.5 + 0.1 * step for step in range(14)]), "speed")
    said = in_words(found)
    assert said.count(" came as ") == 11
    assert ", ...; furthest" in said
