"""The parts of a desk, as a page sees them."""

from __future__ import annotations

import asyncio
import threading

import pytest

from cartesia_nb.tuning.desk import Copyable, Waits


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was sent to the page, and the thread that sent it."""
    sent: list[object] = []

    def send(self: Waits, content: object, buffers: object = None) -> None:
        sent.append((content, threading.current_thread()))

    monkeypatch.setattr(Waits, "send", send)
    return sent


def test_a_ping_is_answered_by_its_number(told: list[object]) -> None:
    waits = Waits()
    waits._handle_custom_msg({"type": "ping", "number": 7}, [])
    assert told == [({"type": "pong", "number": 7}, threading.main_thread())]


@pytest.mark.parametrize(
    "junk",
    [None, "ping", {}, {"type": "ping"}, {"type": "ping", "number": "7"}]
    + [{"type": "ping", "number": number} for number in (True, None, 7.5, 2**60, [7])]
    + [{"type": "pong", "number": 7}],
)
def test_what_is_no_ping_is_not_answered(told: list[object], junk: object) -> None:
    Waits()._handle_custom_msg(junk, [])
    assert told == []


def test_an_answer_says_that_the_main_thread_took_what_came_before(told: list[object]) -> None:
    async def main() -> None:
        waits = Waits()
        handler = threading.Thread(
            target=waits._handle_custom_msg, args=({"type": "ping", "number": 1}, [])
        )
        handler.start()
        handler.join()
        assert told == [], "the thread of a subshell answered, whatever the main thread is at"
        await asyncio.sleep(0)

    asyncio.run(main())
    assert told == [({"type": "pong", "number": 1}, threading.main_thread())]


def test_code_and_label_are_the_only_things_of_it_that_a_page_is_told() -> None:
    shown = Copyable("tts.say('Hi')", label="With this toolkit")
    assert (shown.code, shown.label, shown.part) == ("tts.say('Hi')", "With this toolkit", "code")
    plain = {name for name in shown.keys if not name.startswith("_")}
    assert plain == {"code", "label", "part", "layout", "tabbable", "tooltip"}
