"""What a bad line does to messages: in times that are passed in, and in counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.engine.line import BUFFER, Line, Schedule
from cartesia_nb.engine.weather import Plan, Sky, Weather

PATIENCE = 15.0


def schedule(weather: Weather) -> Schedule:
    return Schedule(Plan(weather), 1, 0.0)


def test_a_delay_shifts_messages_and_does_not_slow_their_rate() -> None:
    line = schedule(Weather(delay_ms=100))
    sent = [n * 0.01 for n in range(50)]
    assert [line.arrival(came, 4000, False) for came in sent] == pytest.approx(
        [came + 0.1 for came in sent]
    )


def test_bandwidth_gives_each_byte_its_time_after_those_before() -> None:
    line = schedule(Weather(bandwidth=1000, delay_ms=100))
    assert [line.arrival(0.0, 500, False) for _ in range(3)] == pytest.approx([0.6, 1.1, 1.6])
    # An idle link has no debts and no savings.
    assert line.arrival(10.0, 500, False) == pytest.approx(10.6)


@given(st.integers(), st.floats(1, 1000))
def test_jitter_is_drawn_from_the_seed_and_stays_in_its_bounds(seed: int, most: float) -> None:
    weather = Weather(jitter_ms=most, seed=seed)
    runs = []
    for _ in range(2):
        line = schedule(weather)
        runs.append([line.arrival(0.0, 1, False) for _ in range(20)])
    assert runs[0] == runs[1]
    assert all(0 <= arrival <= most / 1000 for arrival in runs[0])
    assert len(set(runs[0])) > 10


def test_pongs_do_not_change_the_jitters_of_messages() -> None:
    weather = Weather(jitter_ms=50)
    alone, among = schedule(weather), schedule(weather)
    plain = [alone.arrival(0.0, 1, False) for _ in range(5)]
    mixed = [among.arrival(0.0, 1, pong) for pong in (True, False) * 5]
    assert mixed[1::2] == plain


class Wire:
    """What came through, in order."""

    def __init__(self) -> None:
        self.through: list[int] = []

    def message(self, number: int) -> Callable[[], asyncio.Future[None]]:
        def deliver() -> asyncio.Future[None]:
            self.through.append(number)
            done = asyncio.get_running_loop().create_future()
            done.set_result(None)
            return done

        return deliver


async def with_bound(condition: Callable[[], bool]) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while not condition():
        assert loop.time() < end
        await asyncio.sleep(0.005)


def under(sky: Sky, weather: Weather) -> None:
    sky.change(weather, contexts=0, sockets=0)


def test_on_a_good_day_a_message_leaves_within_the_call() -> None:
    async def run() -> None:
        wire, line = Wire(), Line(Sky(), 1)
        line.carry(wire.message(1), 10, False)
        assert wire.through == [1]

    asyncio.run(run())


def test_order_is_kept_whatever_the_jitter_and_when_the_weather_clears() -> None:
    async def run() -> None:
        sky, wire = Sky(), Wire()
        line = Line(sky, 1)
        under(sky, Weather(jitter_ms=20))
        for number in range(20):
            line.carry(wire.message(number), 10, False)
        under(sky, Weather())
        for number in range(20, 25):
            line.carry(wire.message(number), 10, False)
        await with_bound(lambda: len(wire.through) == 25)
        assert wire.through == list(range(25))

    asyncio.run(run())


def test_senders_wait_when_the_pipe_is_full_and_are_let_in_one_by_one() -> None:
    async def run() -> None:
        sky, wire = Sky(), Wire()
        line = Line(sky, 1)
        under(sky, Weather(bandwidth=1))
        size = BUFFER // 4
        room = [line.carry(wire.message(number), size, False) for number in range(6)]
        assert [future.done() for future in room] == [True] * 4 + [False] * 2
        assert wire.through == []
        under(sky, Weather())
        await asyncio.wait_for(asyncio.gather(*room), PATIENCE)
        await with_bound(lambda: len(wire.through) == 6)
        assert wire.through == list(range(6))

    asyncio.run(run())


def test_a_long_delay_leaves_room_for_what_is_on_its_way() -> None:
    """Ten times real time for a whole second's delay, which a fixed buffer would throttle."""

    async def run() -> None:
        sky, wire = Sky(), Wire()
        line = Line(sky, 1)
        under(sky, Weather(delay_ms=1000))
        room = [line.carry(wire.message(n), 23_500, False) for n in range(100)]
        assert all(future.done() for future in room)
        line.cut()

    asyncio.run(run())


def test_the_end_comes_after_all_that_was_sent_and_nothing_after_it() -> None:
    async def run() -> None:
        sky, wire = Sky(), Wire()
        line = Line(sky, 1)
        under(sky, Weather(delay_ms=20))
        for number in range(3):
            line.carry(wire.message(number), 10, False)
        line.end(wire.message(3))
        assert line.carry(wire.message(4), 10, False).done()
        await with_bound(lambda: len(wire.through) >= 4)
        under(sky, Weather())
        assert line.carry(wire.message(5), 10, False).done()
        assert wire.through == [0, 1, 2, 3]

    asyncio.run(run())


def test_a_cut_lets_everybody_go_and_leaves_no_task() -> None:
    async def run() -> None:
        sky, wire = Sky(), Wire()
        line = Line(sky, 1)
        under(sky, Weather(bandwidth=1))
        room = [line.carry(wire.message(n), BUFFER, False) for n in range(4)]
        await asyncio.sleep(0)
        line.cut()
        await asyncio.wait_for(asyncio.gather(*room), PATIENCE)
        await with_bound(lambda: len(asyncio.all_tasks()) == 1)
        assert wire.through == []

    asyncio.run(run())


def test_no_task_is_left_once_all_is_through() -> None:
    async def run() -> None:
        sky, wire = Sky(), Wire()
        line = Line(sky, 1)
        under(sky, Weather(delay_ms=1))
        for number in range(4):
            line.carry(wire.message(number), 10, False)
        await with_bound(lambda: len(wire.through) == 4)
        await with_bound(lambda: len(asyncio.all_tasks()) == 1)

    asyncio.run(run())
