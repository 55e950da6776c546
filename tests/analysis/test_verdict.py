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
        (rows_of(works=False), "No effect seen: from speed "),
        (rows_of(works=False, noise=0), "changed by 0 %; takes of one setting do not differ."),
        (rows_of(repeats=1, texts=1), "Nothing to be said: from speed 0.6 to 1.5 "),
        (rows_of(repeats=1), "is unknown, as each was spoken once."),
        (
            [{**row, "voice": row["speed"], "emotion": str(row["speed"])} for row in rows_of()],
            "speed changed together with voice and emotion, so what it did alone can't be told.",
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
