"""Both sides of the wire read the same fixtures (``js/test`` reads them as well)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cartesia_nb.errors import SpeechError
from cartesia_nb.speaker import messages
from cartesia_nb.speaker.heard import Down, Output
from cartesia_nb.speaker.messages import Cancel, Heard, Hello, Message, Need
from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.listening import Arrival, Decoded, DrySpell, Span
from cartesia_nb.speech.recording import Recording, Word
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.timeline import Timeline

FIXTURES = Path(__file__).parents[1] / "fixtures"


def fixture(name: str) -> Message:
    loaded: Message = json.loads((FIXTURES / "messages" / f"{name}.json").read_text("utf-8"))
    message = loaded["message"]
    assert isinstance(message, dict)
    return message


def recording(like: Message) -> Recording:
    settings = Settings(voice=str(like.get("voice", "v")), encoding="pcm_s16le", sample_rate=22050)
    made = Recording(settings, Backend("engine", "built-in engine"), context_id=str(like["take"]))
    made.add_text(str(like.get("text", "")))
    made.add_audio(
        bytes(int(str(like.get("bytes", 0)))), received=0.0, step_time=None, flush_id=None
    )
    made.add_words([Word("w", 0, 1)] * int(str(like.get("words", 0))), None)
    made.add_phonemes([Word("p", 0, 1)] * int(str(like.get("phonemes", 0))), None)
    return made


def test_open() -> None:
    expected = fixture("kernel_open")
    made = messages.open_(recording(expected), play=True, interrupt=False, now=1041.25)
    assert made == expected


def test_audio() -> None:
    expected = fixture("kernel_audio")
    assert messages.audio("take-7f3a", 4096, live=True, now=1041.375) == expected


def test_words_and_phonemes() -> None:
    words = [Word("les", 0.5, 0.625), Word("amis", 0.625, 1.125)]
    assert messages.words("take-7f3a", 2, words, now=1041.5) == fixture("kernel_words")
    sounds = [Word("b", 0.0, 0.0625), Word("ɔ̃", 0.0625, 0.25)]
    assert messages.phonemes("take-7f3a", 0, sounds, now=1041.5) == fixture("kernel_phonemes")


def test_chunks() -> None:
    timeline = Timeline(8000, 2)
    for size, received in ((3999, 1041.0), (1, 1041.125), (2000, 1041.25), (1, 1041.5)):
        timeline.add_chunk(size, received=received)
    rows = timeline.since(2)
    clocks = {"1f3q2lm166qx": (1029.25, 0.0030000004), "b": (-3600.5, 0.25)}
    made = messages.chunks("take-7f3a", 2, rows, requested=1040.75, now=1041.5, clocks=clocks)
    assert made == fixture("kernel_chunks")


def test_times_of_chunks_are_short_in_the_message_and_still_tell_samples_apart() -> None:
    timeline = Timeline(44100, 2)
    timeline.add_chunk(2 * 2_000_001, received=1041.123456789)
    timeline.add_chunk(2, received=1041.123456789)
    made = messages.chunks("t", 0, timeline.chunks, requested=None, now=1.0, clocks={})
    assert made["received"] == [1041.123457, 1041.123457]
    assert made["start"] == [0.0, 45.351497]
    assert round(45.351497 * 44100) == 2_000_001


def test_progress() -> None:
    expected = fixture("kernel_progress")
    speaking = recording(expected)
    speaking.begin()
    assert messages.progress(speaking, chunks=3, now=1042.5) == expected


def test_end() -> None:
    expected = fixture("kernel_end")
    failed = recording(expected)
    failed.end("failed", 1.0, SpeechError(str(expected["error"])))
    assert messages.end(failed, now=1044.0) == expected


def test_command() -> None:
    expected = fixture("kernel_command")
    assert messages.command("seek", "take-7f3a", 1.5, now=1045.0) == expected


def test_a_take_that_is_gone_has_the_fields_of_every_end() -> None:
    assert messages.gone("t", now=1.0).keys() == fixture("kernel_end").keys()


def test_what_a_page_sends_is_understood() -> None:
    hello, need = fixture("page_hello"), fixture("page_need")
    heard, cancel = fixture("page_heard"), fixture("page_cancel")
    assert messages.parse(hello) == Hello(str(hello["page"]), str(hello["output"]))
    asked = messages.parse(need)
    assert isinstance(asked, Need)
    assert [list(pair) for pair in asked.ranges] == need["ranges"]
    assert (asked.words, asked.phonemes) == (need["words"], need["phonemes"])
    assert asked.chunks == need["chunks"]
    assert messages.parse(heard) == Heard(
        "take-7f3a",
        0.75,
        ended=False,
        page="1f3q2lm166qx",
        playing=True,
        prebuffer=0.08,
        listening=1,
        asked=11.5,
        by_person=False,
        disturbed=None,
        arrivals=(Arrival(8192, 11.25), Arrival(16384, 11.375)),
        decoded=(Decoded(2048, 11.5), Decoded(4096, 11.625)),
        spans=(Span(0, 2048, 11.75), Span(2048, 512, 12.25)),
        dry=(DrySpell(0.5, 12.0, 12.25), DrySpell(0.75, 12.375, None)),
        output=Output("worklet", 44100, 0.032, None),
        down=Down(1042.5, 12.25),
    )
    assert messages.signed(heard) == ("1f3q2lm166qx", 12.5)
    assert messages.parse(cancel) == Cancel(str(cancel["take"]))


@pytest.mark.parametrize(
    "content",
    [
        None,
        "hello",
        {},
        {"type": "weather", "take": "t"},
        {"type": "cancel"},
        {"type": "cancel", "take": 3},
        {"type": "heard", "take": "t", "position": float("nan")},
        {"type": "heard", "take": "t", "position": -1},
        {"type": "heard", "take": "t"},
        {"type": "need", "take": "t", "ranges": "all"},
        {"type": "need", "take": "t", "ranges": [[0]]},
        {"type": "need", "take": "t", "ranges": [[-1, 5]]},
        {"type": "need", "take": "t", "ranges": [["a", None]]},
        {"type": "need", "take": "t", "ranges": [[0, "b"]]},
    ],
)
def test_what_cannot_be_used_is_refused_not_raised(content: object) -> None:
    assert messages.parse(content) is None


@pytest.mark.parametrize(
    "content", [None, {}, {"page": "p"}, {"sent": 1.0}, {"page": 3, "sent": 1}]
)
def test_a_message_that_does_not_say_who_sent_it_when_ties_no_clocks(content: object) -> None:
    assert messages.signed(content) is None
