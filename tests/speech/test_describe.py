"""A take in sentences: every part is there when it is known, and said to be unknown when not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from cartesia_nb.errors import ConnectionLostError, ServerError
from cartesia_nb.protocol.encodings import encode
from cartesia_nb.speech import backend
from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from tests.speech.heard import OFFSET, RATE, KnownClock, heard

STEADY = [(50.09 + index * 0.04, 0.12) for index in range(20)]
STALLED = [(moment + (0.5 if index > 5 else 0), 0.12) for index, (moment, _) in enumerate(STEADY)]


def spoken(
    arrivals: Sequence[tuple[float, float]] = STEADY,
    *,
    text: str = "Hello there.",
    pieces: Sequence[tuple[str, float]] = (),
    silence: float = 0.05,
    cold: bool | None = False,
    handshake: float | None = 0.012,
    who: Backend = backend.CARTESIA,
    state: str = "done",
    error: ConnectionLostError | ServerError | None = None,
) -> Recording:
    recording = Recording(Settings(sample_rate=RATE), who)
    timeline = recording.timeline
    timeline.given, timeline.connected = 49.76 if cold else 49.999, 50.0
    timeline.cold, timeline.handshake = cold, handshake
    for piece, now in pieces or [(text, 50.0)]:
        recording.add_text(piece)
        timeline.sending(now, len(recording.text))
        recording.begin()
    time = np.arange(round(sum(count for _, count in arrivals) * RATE) + len(arrivals)) / RATE
    wave = np.where(time < silence, 0.0, 0.3 * np.sin(2 * np.pi * 300 * time)).astype(np.float32)
    pcm, at = encode(wave, "pcm_f32le"), 0
    for received, count in arrivals:
        size = round(count * RATE) * 4
        recording.add_audio(pcm[at : at + size], received=received, step_time=None, flush_id=None)
        at += size
    if state != "speaking":
        recording.end(state, 60.0, error)  # type: ignore[arg-type]  # a test's own words
    return recording


def told(recording: Recording) -> str:
    return Take(recording).describe()


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", text)


def test_it_says_who_spoke_what_and_how_long_it_is() -> None:
    assert told(spoken()).startswith(
        "Cartesia spoke “Hello there.”: 20 chunks of audio, 2.40 seconds long. "
    )
    assert told(spoken(who=backend.ENGINE)).startswith("The built-in engine")


def test_connecting_is_told_apart() -> None:
    assert "The connection was open already, from a handshake of 12 ms." in told(spoken())
    assert (
        "The text waited 240 ms for the connection to be opened, of which the handshake took "
        "120 ms."
    ) in told(spoken(cold=True, handshake=0.12))
    assert "240 ms for the connection to be opened, whose handshake took 300 ms." in told(
        spoken(cold=True, handshake=0.3)
    )
    assert "Whether its connection was open already is not known." in told(spoken(cold=None))


def test_waiting_for_a_turn_to_be_sent_is_told_apart() -> None:
    recording = spoken()
    recording.timeline.given = 45.0
    assert "from a handshake of 12 ms; the text waited 5.00 s for its turn to be sent." in told(
        recording
    )
    recording.timeline.cold, recording.timeline.connected = True, 51.0
    assert "with a handshake of 12 ms." in told(recording), "it may have waited for another one"
    assert "its turn to be sent" not in told(spoken())
    assert "its turn to be sent" not in told(spoken(cold=True))


def test_the_first_byte_the_silence_and_the_first_speech_are_told() -> None:
    assert (
        "The first audio came 90 ms after the first text was sent; it begins with 50 ms of "
        "silence, so that speech could be heard after 140 ms at the earliest."
    ) in told(spoken())
    assert "and begins with speech at once." in told(spoken(silence=0.0))
    assert "no speech is found in it." in told(spoken(silence=10.0))


def test_the_parts_of_the_waiting_for_sound_are_told_and_add_up() -> None:
    recording = spoken()
    heard(recording.timeline, (0.0, 2.4, 53.163), asked=53.1)
    said = (
        "In the page it was first heard after 3.16 s, give or take 4 ms: 90 ms waiting for audio, "
        "10 ms on its way to the page, 3.00 s waiting for its turn and 63 ms in the page's buffer "
        "and output."
    )
    assert said in told(recording)
    listening = recording.timeline.listening
    assert listening is not None
    listening.by_person = True
    assert "3.00 s until a person pressed Play" in told(recording)


def test_what_a_page_fetched_later_has_no_way_of_its_own() -> None:
    recording = spoken()
    heard(recording.timeline, (0.0, 2.4, 53.163), asked=53.1, arrived=[])
    assert (
        "90 ms waiting for audio, 3.01 s waiting for its turn and 63 ms on its way to the page, "
        "in its buffer and output."
    ) in told(recording)


def test_a_pause_before_the_first_sound_is_not_told_as_the_pages_buffer() -> None:
    recording = spoken()
    listening = heard(recording.timeline, (0.0, 2.4, 70.2), disturbed=50.15)
    said = (
        "In the page it was first heard after 20.20 s, give or take 4 ms; before that a person had "
        "paused it or gone elsewhere in it."
    )
    assert said in told(recording)
    listening.disturbed, listening.asked = 71.0 - OFFSET, None
    assert "after 20.20 s, give or take 4 ms. It came" in told(recording)


def test_the_pace_and_the_gaps_are_told() -> None:
    assert (
        "It came faster than it plays: 2.40 s of sound were there after 850 ms, a real-time factor "
        "of 0.354, in chunks 40 ms apart at the median and 40 ms at the most."
    ) in told(spoken())
    slow = [(50.1 + index * 0.3, 0.12) for index in range(5)]
    assert "It came more slowly than it plays" in told(spoken(slow))


def test_dry_spells_on_paper_and_in_the_page_are_told_apart() -> None:
    recording = spoken(STALLED)
    assert "Played without a buffer it would have run dry once, for 20 ms together." in told(
        recording
    )
    heard(recording.timeline, (0.0, 2.4, 50.2))
    assert "for 20 ms together; in the page it never did." in told(recording)
    heard(recording.timeline, dry=[(0.72, 50.9, 50.94)])
    assert "in the page it did so once, for 40 ms." in told(recording)


def test_a_chunk_half_a_millisecond_late_leaves_nothing_in_hand_and_not_less() -> None:
    text = told(spoken([(50.1, 0.1), (50.2004, 0.1)]))
    assert "would never have run dry, with 0 ms in hand at the least." in text


def test_text_that_is_fed_is_told_with_its_first_piece() -> None:
    recording = spoken([(53.1, 0.4), (53.3, 0.4)], pieces=[("Hello ", 50.0), ("there.", 52.5)])
    heard(recording.timeline, (0.0, 0.8, 53.16))
    assert (
        "Its text came in 2 pieces over 2.50 s; from the first piece to speech it was 3.15 s, and "
        "speech was heard in the page after 3.21 s."
    ) in told(recording)
    assert "pieces" not in told(spoken())


def test_text_that_was_sent_again_is_told() -> None:
    recording = spoken()
    recording.timeline.resent = 2
    assert "after the first text was sent, sending it again twice included" in told(recording)


def test_a_failure_is_told_with_its_reason_in_one_sentence() -> None:
    error = ConnectionLostError("The server fell silent for 9.0 s. What came is kept; try again.")
    assert told(spoken(STEADY[:5], state="failed", error=error)).startswith(
        "Cartesia failed to speak “Hello there.”, of which there are 5 chunks of audio, 0.60 "
        "seconds long: The server fell silent for 9.0 s. "
    )
    assert "“Hello there.”, before any audio came: The server" in told(
        spoken([], state="failed", error=error)
    )


def test_a_take_without_any_audio_is_not_said_to_have_some() -> None:
    assert told(spoken([])).startswith("Cartesia spoke “Hello there.”: no audio came of it. ")
    assert told(spoken([], state="cancelled")).startswith(
        "Cartesia was stopped before any audio of “Hello there.” came. "
    )
    assert "; there is 1 chunk of audio" in told(spoken(STEADY[:1], state="cancelled"))


def test_a_take_that_nothing_was_sent_of_says_so() -> None:
    recording = Recording(Settings(), backend.ENGINE)
    assert told(recording).startswith("The built-in engine (espeak-ng) has not been sent any text ")
    recording.add_text("Hello.")
    assert " is to speak “Hello.” and has not been sent it yet. " in told(recording)


def test_a_take_that_waits_to_be_sent_again_was_sent_before() -> None:
    recording = spoken([], state="speaking")
    recording.timeline.resent = 1
    recording.again()
    assert told(recording).startswith("Cartesia is to be sent “Hello there.” again. ")


def nothing(recording: Recording) -> None:
    pass


def unplaced(recording: Recording) -> None:
    heard(recording.timeline, (0.0, 2.4, 50.2), clock=KnownClock(None))


def mute(recording: Recording) -> None:
    heard(recording.timeline, (0.0, 2.4, 50.2), output_error=None)


def mute_at_first(recording: Recording) -> None:
    listening = heard(recording.timeline, (0.0, 2.4, 50.2), output_error=None)
    for at, error in ((50.0, None), (50.4, None), (55.0, 0.002)):
        listening.add_output(at - OFFSET, 0.0, error)


def midway(recording: Recording) -> None:
    heard(recording.timeline, (1.0, 1.4, 50.2))


@pytest.mark.parametrize(
    ("hear", "why"),
    [
        (nothing, "no page has told of playing it."),
        (unplaced, "the page's clock and the kernel's could not be related."),
        (mute, "the browser does not tell how late its output is."),
        (mute_at_first, "the browser does not tell how late its output is."),
        (midway, "no page has told of playing it from its beginning."),
    ],
)
def test_why_it_is_unknown_when_it_was_heard_is_told(
    hear: Callable[[Recording], None], why: str
) -> None:
    recording = spoken()
    hear(recording)
    assert told(recording).endswith(f"Unknown is when it was heard, as {why}")
    assert "In the page it was first heard" not in told(recording)


def test_every_kind_of_take_is_three_to_eight_sentences() -> None:
    error = ConnectionLostError("It was lost. What came is kept; say it again.")
    full = spoken([(53.1, 0.4), (53.3, 0.4)], pieces=[("Hello ", 50.0), ("there.", 52.5)])
    full.timeline.cold = None
    heard(full.timeline, (0.0, 0.8, 53.16))
    failed = spoken(
        [(53.1, 0.4), (53.3, 0.4)],
        pieces=[("Hello ", 50.0), ("there.", 52.5)],
        state="failed",
        error=error,
    )
    unseen = spoken()
    unseen.timeline.requested = None
    for recording in (
        full,
        failed,
        unseen,
        spoken(),
        spoken([], state="failed", error=error),
        spoken([], state="cancelled"),
        spoken([], state="speaking"),
        spoken(STEADY[:3], state="speaking"),
        spoken([(50.1, 0.05)]),
        Recording(Settings(), backend.ENGINE),
    ):
        text = told(recording)
        assert 3 <= len(sentences(text)) <= 8, text
        assert text.endswith(".")
        assert "None" not in text and "nan" not in text


def test_a_text_can_do_nothing_but_stand_there() -> None:
    text = told(spoken(text="\x1b[31mred\n\u202e" + "and long " * 50))
    assert not re.search("[\x00-\x1f\u202e]", text)
    assert len(sentences(text)[0]) < 130


def test_looking_at_a_failure_in_words_does_not_count_as_having_asked_for_it() -> None:
    recording = spoken([], state="failed", error=ConnectionLostError("It was lost."))
    told(recording)
    assert not recording.looked_at
