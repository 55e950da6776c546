"""What of a take leaves for the page, and in what order."""

from __future__ import annotations

import pytest

from cartesia_nb.speaker import messages
from cartesia_nb.speaker.lane import CHUNKS_S, MAX_ROWS, Lane, Parcel
from cartesia_nb.speaker.messages import Need
from cartesia_nb.speaker.pacing import MAX_MESSAGE_BYTES
from cartesia_nb.speech import backend
from cartesia_nb.speech.recording import Recording, Word
from cartesia_nb.speech.settings import Settings


def recording(settings: Settings | None = None) -> Recording:
    return Recording(settings or Settings(), backend.ENGINE, context_id="t")


def add(to: Recording, pcm: bytes) -> None:
    to.add_audio(pcm, received=0.0, step_time=None, flush_id=None)


def drain(lane: Lane, now: float = 0.0) -> list[Parcel]:
    parcels = []
    while (parcel := lane.next(now)) is not None:
        parcels.append(parcel)
    return parcels


def kinds(parcels: list[Parcel]) -> list[object]:
    return [parcel.message["type"] for parcel in parcels]


def listed(parcel: Parcel, kind: str) -> list[object]:
    """The words or phonemes in a message of that kind."""
    found = parcel.message[kind] if parcel.message["type"] == kind else []
    assert isinstance(found, list)
    return found


def joined(parcels: list[Parcel]) -> bytes:
    """The audio as the page puts it together, by offset."""
    sound = bytearray()
    for parcel in parcels:
        if parcel.buffer is not None:
            offset = parcel.message["offset"]
            assert isinstance(offset, int)
            sound[offset : offset + len(parcel.buffer)] = parcel.buffer
    return bytes(sound)


def test_a_take_opens_before_anything_else_and_ends_after_everything() -> None:
    take = recording()
    lane = Lane(take, play=True)
    add(take, b"a" * 8)
    take.add_words([Word("Hi", 0.0, 0.1)], None)
    add(take, b"b" * 8)
    take.end("done", 1.0)
    parcels = drain(lane)
    assert kinds(parcels) == ["open", "audio", "words", "chunks", "end"]
    assert joined(parcels) == b"a" * 8 + b"b" * 8
    assert lane.finished


def test_what_has_gathered_leaves_as_one_message() -> None:
    take = recording()
    lane = Lane(take, play=True)
    drain(lane)
    for _ in range(50):
        add(take, b"x" * 100)
    assert kinds(drain(lane)) == ["audio"]


def test_a_long_piece_is_split_so_that_others_get_their_turn() -> None:
    take = recording()
    lane = Lane(take, play=True)
    pcm = bytes(range(256)) * (3 * MAX_MESSAGE_BYTES // 256)
    add(take, pcm + b"tail")
    parcels = drain(lane)
    assert kinds(parcels) == ["open", "audio", "audio", "audio", "audio"]
    assert joined(parcels) == pcm + b"tail"


def test_it_is_urgent_until_its_first_audio_has_left() -> None:
    take = recording()
    lane = Lane(take, play=True)
    seen = [lane.urgent]
    lane.next(0.0)
    seen.append(lane.urgent)
    add(take, b"x" * 8)
    seen.append(lane.urgent)
    lane.next(0.0)
    add(take, b"x" * 8)
    seen.append(lane.urgent)
    assert seen == [True, False, True, False]


def test_progress_is_said_once_a_second_and_on_a_change_of_state() -> None:
    take = recording()
    lane = Lane(take, play=True)
    assert kinds(drain(lane, 0.0)) == ["open"]
    take.begin()
    assert kinds(drain(lane, 0.1)) == ["progress"]
    assert drain(lane, 1.0) == []
    assert kinds(drain(lane, 1.2)) == ["progress"]


def test_the_text_leaves_before_its_words() -> None:
    take = recording()
    lane = Lane(take, play=True)
    take.add_text("Hello ")
    drain(lane)
    take.add_text("there.")
    take.add_words([Word("there.", 0.0, 0.4)], None)
    parcels = drain(lane)
    assert kinds(parcels) == ["progress", "words"]
    assert parcels[0].message["text"] == "Hello there."


def test_words_that_come_as_quick_as_messages_leave_do_not_keep_the_sound_waiting() -> None:
    take = recording()
    lane = Lane(take, play=True)
    add(take, b"a" * 8)
    sent = []
    for n in range(12):
        take.add_text(f"word{n} ")
        take.add_words([Word(f"word{n}", n / 10, n / 10 + 0.1)], None)
        take.add_phonemes([Word("w", n / 10, n / 10 + 0.1)], None)
        add(take, b"a" * 8)
        parcel = lane.next(0.0)
        assert parcel is not None
        sent.append(parcel)
    assert kinds(sent)[2::2] == ["progress", "words", "phonemes", "progress", "words"]
    assert kinds(sent)[3::2] == ["audio"] * 5
    # When there is room again the rest leaves, joined, and nothing twice.
    sent += drain(lane, 0.1)
    assert kinds(sent)[12:] == ["phonemes", "progress", "words"]
    words = [word for parcel in sent for word in listed(parcel, "words")]
    assert words == [f"word{n}" for n in range(12)]
    assert len([row for parcel in sent for row in listed(parcel, "phonemes")]) == 12


def test_a_failed_take_says_why_after_what_came() -> None:
    from cartesia_nb.errors import ConnectionLostError

    take = recording()
    lane = Lane(take, play=True)
    add(take, b"x" * 8)
    take.end("failed", 1.0, ConnectionLostError("The server went away."))
    parcels = drain(lane)
    assert kinds(parcels) == ["open", "audio", "chunks", "end"]
    assert parcels[-1].message["error"] == "The server went away."
    assert parcels[-1].message["bytes"] == 8


def test_a_page_gets_what_it_asks_for_again() -> None:
    take = recording()
    lane = Lane(take, play=True)
    pcm = bytes(range(200))
    add(take, pcm)
    take.add_words([Word("a", 0, 1), Word("b", 1, 2)], None)
    take.end("done", 1.0)
    drain(lane)
    lane.ask(Need("t", ((10, 20), (150, None)), words=1, phonemes=None))
    parcels = []
    while (parcel := lane.next_answer()) is not None:
        parcels.append(parcel)
    assert kinds(parcels) == ["open", "words", "audio", "audio", "end"]
    assert [parcel.buffer for parcel in parcels if parcel.buffer] == [pcm[10:20], pcm[150:]]
    assert parcels[1].message["words"] == ["b"]
    assert not lane.asked


def test_an_answer_to_a_range_beyond_the_end_is_no_audio() -> None:
    take = recording()
    lane = Lane(take, play=True)
    add(take, b"1234")
    drain(lane)
    lane.ask(Need("t", ((100, 200),), words=None, phonemes=None))
    assert lane.next_answer() is not None
    assert lane.next_answer() is None


def rows(parcels: list[Parcel]) -> list[float]:
    """When the chunks were received, put together by index as the page does it."""
    moments: dict[int, float] = {}
    for parcel in parcels:
        if parcel.message["type"] == "chunks":
            index, received = parcel.message["index"], parcel.message["received"]
            assert isinstance(index, int)
            assert isinstance(received, list)
            moments |= {index + i: moment for i, moment in enumerate(received)}
    assert list(moments) == list(range(len(moments)))
    return list(moments.values())


def test_rows_of_chunks_leave_twice_a_second_after_first_audio_the_rest_before_the_end() -> None:
    take = recording()
    lane = Lane(take, play=True)
    drain(lane, 10.0)
    take.timeline.requested = 9.5
    take.add_audio(b"x" * 8, received=10.1, step_time=None, flush_id=None)
    assert lane.next_chunks(10.1) is None  # the beginning is still to leave
    assert kinds(drain(lane, 10.1)) == ["audio"]
    first = lane.next_chunks(10.1)
    assert first is not None
    assert (first.message["index"], first.message["requested"]) == (0, 9.5)
    take.add_audio(b"x" * 8, received=10.2, step_time=None, flush_id=None)
    take.add_audio(b"x" * 8, received=10.3, step_time=None, flush_id=None)
    assert kinds(drain(lane, 10.3)) == ["audio"]
    assert lane.next_chunks(10.1 + CHUNKS_S - 0.01) is None
    second = lane.next_chunks(10.1 + CHUNKS_S)
    assert second is not None
    assert lane.next_chunks(30.0) is None
    take.add_audio(b"x" * 8, received=10.7, step_time=None, flush_id=None)
    take.end("done", 10.8)
    rest = drain(lane, 10.8)
    assert kinds(rest) == ["audio", "chunks", "end"]
    assert rows([first, second, *rest]) == [10.1, 10.2, 10.3, 10.7]
    assert rest[-1].message["chunks"] == 4


def test_progress_counts_the_rows_that_have_left_so_that_only_lost_ones_are_missed() -> None:
    take = recording()
    lane = Lane(take, play=True)
    drain(lane)
    add(take, b"x" * 8)
    progress = drain(lane, 2.0)[-1]
    assert (progress.message["type"], progress.message["chunks"]) == ("progress", 0)
    assert lane.next_chunks(2.0) is not None
    assert drain(lane, 4.0)[-1].message["chunks"] == 1


def test_rows_of_a_long_take_are_split_and_a_page_gets_them_again() -> None:
    take = recording()
    lane = Lane(take, play=True)
    for number in range(2 * MAX_ROWS + 5):
        take.timeline.add_chunk(2, received=float(number))
    take.end("done", 1.0)
    parcels = drain(lane)
    assert kinds(parcels) == ["open", "chunks", "chunks", "chunks", "end"]
    assert rows(parcels) == [float(number) for number in range(2 * MAX_ROWS + 5)]
    lane.ask(Need("t", (), None, None, chunks=MAX_ROWS + 3))
    again = []
    while (parcel := lane.next_answer()) is not None:
        again.append(parcel)
    assert kinds(again) == ["open", "chunks", "chunks", "end"]
    assert [parcel.message["index"] for parcel in again[1:-1]] == [MAX_ROWS + 3, 2 * MAX_ROWS + 3]


def test_more_rows_than_a_page_takes_in_are_neither_sent_nor_promised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(messages, "MAX_CHUNKS", 3)
    take = recording()
    lane = Lane(take, play=True)
    for _ in range(5):
        add(take, b"x" * 8)
    take.end("done", 1.0)
    parcels = drain(lane)
    assert len(rows(parcels)) == 3
    assert parcels[-1].message["chunks"] == 3
    lane.ask(Need("t", (), None, None, chunks=2**60))
    assert kinds([parcel for _ in range(3) if (parcel := lane.next_answer())]) == ["open", "end"]


def test_audio_says_whether_it_is_live_or_was_over_or_asked_for() -> None:
    take = recording()
    lane = Lane(take, play=True)
    add(take, b"x" * 8)
    assert drain(lane)[1].message["live"] is True
    lane.ask(Need("t", ((0, None),), None, None))
    lane.next_answer()
    answer = lane.next_answer()
    assert answer is not None
    assert answer.message["live"] is False
    take.end("done", 1.0)
    assert drain(Lane(take, play=True))[1].message["live"] is False


def test_when_live_audio_left_for_the_page_is_kept_and_nothing_else() -> None:
    take = recording()
    lane = Lane(take, play=True)
    add(take, b"x" * 8)
    drain(lane, 1.0)
    add(take, b"x" * 8)
    drain(lane, 2.0)
    lane.ask(Need("t", ((0, None),), None, None))
    while lane.next_answer() is not None:
        pass
    assert take.timeline.sent == ((8, 1.0), (16, 2.0))
    old = recording()
    add(old, b"x" * 8)
    old.end("done", 1.0)
    drain(Lane(old, play=False), 3.0)
    assert old.timeline.sent == ()


def test_the_pages_clocks_go_with_the_rows_of_chunks() -> None:
    take = recording()
    lane = Lane(take, play=True, clocks=lambda now: {"p": (now, 0.001)})
    add(take, b"x" * 8)
    drain(lane, 1.0)
    rows = lane.next_chunks(2.5)
    assert rows is not None
    assert rows.message["clocks"] == {"p": [2.5, 0.001]}
