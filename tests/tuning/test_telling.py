"""What is told of a take and of what was spent, with takes of the engine."""

from __future__ import annotations

import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import CartesiaNbError, SpeechError
from cartesia_nb.notebook.session import Session, connect
from cartesia_nb.speech import backend
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning import telling


def test_a_take_that_is_done_has_its_length_and_its_first_audio(session: Session) -> None:
    take = session.say("Hi there.", play=False).wait(20)
    told = telling.state(take)
    assert told.startswith(f"Done: {take.duration:.2f} s, first audio after ")
    assert told.endswith(" ms.") and "first sound" not in told


def test_a_take_that_is_stopped_is_called_so(session: Session, engine: EngineProcess) -> None:
    engine.misbehave("silence@1")
    try:
        take = session.say("Hi there. " * 9, play=False)
        with take._recording.changed:
            assert take._recording.changed.wait_for(lambda: take.duration > 0, 20)
        assert telling.state(take).startswith("Speaking… first audio after ")
        assert telling.state(take).endswith(" s so far")
        take.cancel()
        with take._recording.changed:
            assert take._recording.changed.wait_for(lambda: take._recording.ended, 20)
        assert telling.state(take).startswith("Stopped: ")
    finally:
        engine.misbehave()


def test_a_take_that_waits_its_turn_says_behind_how_many(engine: EngineProcess) -> None:
    engine.misbehave("silence@0*inf")
    try:
        with connect(api_key=engine.api_key, base_url=engine.url, max_contexts=1) as session:
            takes = [session.say("Hi.", play=False) for _ in range(3)]
            with takes[2]._recording.changed:
                assert takes[2]._recording.changed.wait_for(lambda: takes[2].waiting == 1, 20)
            assert telling.state(takes[1]) == "Waiting its turn, the next one."
            assert telling.state(takes[2]) == "Waiting its turn, 1 take before it."
            for take in takes[::-1]:
                take.cancel()
    finally:
        engine.misbehave()


def test_a_take_that_failed_says_why_and_what_there_is_of_it(
    session: Session, engine: EngineProcess
) -> None:
    engine.misbehave("error@1")
    try:
        take = session.say("Hi there. " * 9, play=False)
        with pytest.raises(CartesiaNbError) as fault:
            take.wait(20)
    finally:
        engine.misbehave()
    told = telling.state(take)
    assert told == f"Failed: {fault.value} {take.duration:.1f} s of it came."


def test_telling_of_a_failure_is_not_looking_at_it_and_takes_one_line() -> None:
    recording = Recording(Settings(), backend.ENGINE)
    recording.restore(
        text="Hi.",
        pcm=b"",
        words=[],
        phonemes=[],
        timeline=recording.timeline,
        state="failed",
        error=SpeechError("Two\nlines, \x1b[31mand colour."),
    )
    recording.looked_at = False
    assert telling.state(Take(recording)) == "Failed: Two lines, �[31mand colour."
    assert not recording.looked_at


def test_what_was_spent_says_to_whom_and_when_it_costs_nothing() -> None:
    assert telling.spent(1, backend.CARTESIA) == "1 character sent by this session to Cartesia."
    told = telling.spent(12345, backend.ENGINE)
    assert told.startswith("12,345 characters sent by this session to built-in engine")
    assert told.endswith(" They cost nothing.")
    assert "cost nothing" not in telling.spent(0, backend.server("http://x\n"))
