"""A take in words: true, in one line each, and nothing but text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.errors import ConnectionLostError
from cartesia_nb.player.caption import Caption, clock
from cartesia_nb.speech.backend import server
from cartesia_nb.speech.recording import Word
from cartesia_nb.speech.wording import plain, shortened
from tests.player.takes import FOX, take_of, voice


def figures(caption: Caption) -> dict[str, str]:
    return dict(caption.figures)


def test_the_figures_are_those_of_the_takes_metrics() -> None:
    take = take_of(voice(3.0), voice="the-voice")
    told = figures(Caption.of(take))
    assert take.metrics.ttfa is not None
    assert take.metrics.rtf is not None
    assert told == {
        "duration": "3.00 s",
        "first audio": f"{take.metrics.ttfa * 1000:.0f} ms",
        "real-time factor": f"{take.metrics.rtf:.2f}",
        "voice": "the-voice",
        "spoken by": "built-in engine (espeak-ng)",
    }


def test_dry_spells_are_told_where_there_were_some() -> None:
    take = take_of(voice(3.0), late={3: 1.0, 20: 2.0})
    spells = [row["dry"] for row in take.timeline.to_records() if row["dry"] > 0.001]
    assert len(spells) == 2
    assert figures(Caption.of(take))["dry spells, unbuffered"] == f"2, {sum(spells):.2f} s"


def test_what_is_not_known_is_unknown() -> None:
    told = figures(Caption.of(take_of(voice(0.0), text="")))
    assert (told["first audio"], told["real-time factor"]) == ("unknown", "unknown")


def test_a_failed_take_says_why_and_stays_unseen() -> None:
    error = ConnectionLostError("The line went dead.")
    take = take_of(voice(0.3), state="failed", error=error)
    caption = Caption.of(take)
    assert caption.remark == "Failed: The line went dead."
    assert caption.lines().splitlines()[-1] == caption.remark
    assert caption.remark in caption.alt()
    assert not take._recording.looked_at, "the session would no longer warn of it"


def test_a_take_without_text_is_told_by_its_words() -> None:
    take = take_of(voice(0.3), text="")
    take._recording.words = [Word("only", 0.0, 0.1), Word("words", 0.1, 0.3)]
    assert Caption.of(take).text == "only words"


def test_looking_keeps_no_copy_of_the_sound() -> None:
    take = take_of(voice(1.0))
    Caption.of(take)
    assert take._decoded is None


HOSTILE = "a\x00b \x1b[31mred\x1b[0m \x9b5m \u202egnp.exe\u2066 \ud800 line\nend\u2028x\ty"


def test_nothing_in_a_text_does_anything() -> None:
    assert plain(HOSTILE) == "a�b �[31mred�[0m �5m �gnp.exe� � line end x y"


@given(st.text(st.characters()))
def test_plain_text_is_one_line_without_controls_and_otherwise_itself(text: str) -> None:
    told = plain(text)
    assert len(told.splitlines()) <= 1
    assert all(unicodedata.category(each) not in ("Cc", "Cs", "Zl", "Zp") for each in told)
    assert told == plain(told)
    told.encode()
    kept = [each for each in text if unicodedata.category(each)[0] in "LNP"]
    assert [each for each in told if unicodedata.category(each)[0] in "LNP"] == kept


def test_text_right_to_left_and_of_any_script_stays_as_it_is() -> None:
    text = "שלום עולם مرحبًا! こんにちは 👩‍💻 क्षि"
    assert plain(text) == text


def test_voices_backends_and_reasons_are_plain_as_well() -> None:
    take = take_of(
        voice(0.2),
        text=HOSTILE,
        state="failed",
        error=ConnectionLostError(HOSTILE),
        backend=server(HOSTILE),
        voice=HOSTILE,
    )
    caption = Caption.of(take)
    assert "\n".join(plain(line) for line in caption.lines().splitlines()) == caption.lines()
    assert plain(caption.alt()) == caption.alt()


def test_a_long_text_is_cut_between_words() -> None:
    caption = Caption.of(take_of(voice(0.2), text=FOX * 100))
    assert len(caption.lines()) < 600
    assert len(caption.alt()) < 700
    assert shortened("one two three", 10) == "one two…"
    assert shortened("onetwothree", 6) == "onetw…"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0:00.0"),
        (4.25, "0:04.2"),
        (9.99, "0:09.9"),
        (10, "0:10"),
        (59.99, "0:59"),
        (600, "10:00"),
        (3723, "1:02:03"),
    ],
)
def test_a_place_in_a_take_reads_as_on_a_clock(seconds: float, told: str) -> None:
    assert clock(seconds) == told
