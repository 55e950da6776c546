"""Calls that come soon, in the main thread, once for many changes."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from cartesia_nb.tuning.mainthread import MainThread
from cartesia_nb.tuning.refresh import Refresh, Timer
from tests.tuning.hands import kernel, until


def test_a_timer_calls_once_between_cells_and_not_at_the_time_before() -> None:
    async def work() -> None:
        calls: list[threading.Thread] = []
        timer = Timer(lambda: calls.append(threading.current_thread()))
        timer.set(0.0)
        timer.set(0.05)  # instead
        await asyncio.sleep(0)
        assert calls == []
        await until(lambda: calls)
        await asyncio.sleep(0.1)
        assert calls == [threading.main_thread()]

    kernel(work)


def test_what_a_timer_is_not_to_call_any_more_it_does_not() -> None:
    async def work() -> None:
        calls: list[int] = []
        timer = Timer(lambda: calls.append(1))
        timer.set(-1.0)  # now
        timer.cancel()
        timer.cancel()
        await asyncio.sleep(0.05)
        assert calls == []
        timer.set(-1.0)
        await until(lambda: calls)

    kernel(work)


def test_a_fault_is_logged_and_the_timer_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        calls: list[int] = []

        def fail() -> None:
            calls.append(1)
            raise ValueError("Once more.")

        timer = Timer(fail)
        timer.set(0.0)
        await until(lambda: len(calls) == 1)
        timer.set(0.0)
        await until(lambda: len(calls) == 2)

    with caplog.at_level(logging.ERROR):
        kernel(work)
    assert [record.name for record in caplog.records] == ["cartesia_nb.tuning.refresh"] * 2


def test_where_no_loop_runs_a_timer_does_nothing() -> None:
    Timer(lambda: pytest.fail("called")).set(0.0)


def test_many_changes_of_many_threads_are_one_call_in_the_main_thread() -> None:
    async def work() -> None:
        calls: list[threading.Thread] = []
        refresh = Refresh(MainThread(), lambda: calls.append(threading.current_thread()), pause=0.1)

        def change() -> None:
            for _ in range(100):
                refresh.soon()

        threads = [threading.Thread(target=change) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        await until(lambda: calls)
        assert calls == [threading.main_thread()]

    kernel(work)


def test_changes_that_never_end_put_nothing_off() -> None:
    async def work() -> None:
        calls: list[int] = []
        refresh = Refresh(MainThread(), lambda: calls.append(1), pause=0.05)
        while len(calls) < 2:  # for as long as a kernel may take here
            refresh.soon()
            await asyncio.sleep(0)

    kernel(work)


def test_a_change_during_the_call_is_not_lost() -> None:
    async def work() -> None:
        calls: list[int] = []

        def look() -> None:
            calls.append(1)
            if len(calls) == 1:
                refresh.soon()

        refresh = Refresh(MainThread(), look, pause=0.0)
        refresh.soon()
        await until(lambda: len(calls) == 2)
        await asyncio.sleep(0.05)
        assert len(calls) == 2

    kernel(work)


def test_a_call_that_fails_does_not_end_those_to_come() -> None:
    async def work() -> None:
        calls: list[int] = []

        def fail() -> None:
            calls.append(1)
            raise ValueError("Once more.")

        refresh = Refresh(MainThread(), fail, pause=0.0)
        refresh.soon()
        await until(lambda: len(calls) == 1)
        refresh.soon()
        await until(lambda: len(calls) == 2)

    kernel(work)
