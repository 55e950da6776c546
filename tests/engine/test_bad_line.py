"""A slow, uneven or broken line as a plain client sees it."""

from __future__ import annotations

import asyncio
import json
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FuturesTimeoutError
from socket import SO_LINGER, SOL_SOCKET

import pytest
from websockets.asyncio.client import connect as async_connect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from cartesia_nb.engine.process import EngineProcess
from tests.engine.talk import (
    PATIENCE,
    QUICK,
    Server,
    audio,
    kinds,
    receive_until,
    request,
    speak,
    spoken,
    until_closed,
    wait_for,
)


@pytest.fixture
def server(unruly: EngineProcess) -> Server:
    return Server(unruly.url, unruly.api_key)


def test_a_delay_concerns_pongs_too_and_keeps_order(unruly: EngineProcess, server: Server) -> None:
    whole = spoken(server, add_timestamps=True)
    unruly.misbehave(delay_ms=100, jitter_ms=20)
    began = time.monotonic()
    with server.socket() as socket:
        assert socket.ping().wait(PATIENCE)
        assert time.monotonic() - began >= 0.1
        speak(socket, add_timestamps=True)
        events = receive_until(socket, "done")
    assert time.monotonic() - began >= 0.2
    assert kinds(events) == kinds(whole)
    assert audio(events) == audio(whole)


def test_the_handshake_is_late_as_well_be_it_refused(unruly: EngineProcess, server: Server) -> None:
    unruly.misbehave("http-503@handshake", delay_ms=150)
    began = time.monotonic()
    with pytest.raises(InvalidStatus), server.socket():
        pass
    assert time.monotonic() - began >= 0.15
    began = time.monotonic()
    with server.socket():
        assert time.monotonic() - began >= 0.15


def test_a_handshake_under_way_arrives_when_the_line_gets_better_or_its_client_goes(
    unruly: EngineProcess, server: Server
) -> None:
    before = int(str(unruly.control()["connections"]))
    unruly.misbehave(delay_ms=10_000)
    address = f"{server.websocket_url}/tts/websocket?api_key={server.key}"
    with pytest.raises(TimeoutError), connect(address, proxy=None, open_timeout=0.1):
        pass
    with ThreadPoolExecutor(1) as pool:
        opened = pool.submit(connect, address, proxy=None, open_timeout=8)
        with pytest.raises(FuturesTimeoutError):
            opened.result(0.1)
        unruly.misbehave(delay_ms=1)
        with opened.result(PATIENCE) as socket:
            speak(socket)
            receive_until(socket, "done")
    assert unruly.control()["connections"] == before + 1


def test_what_was_sent_before_a_drop_arrives_however_late(
    unruly: EngineProcess, server: Server
) -> None:
    for fault, code in (("drop@3", None), ("close-1011@3", 1011)):
        unruly.misbehave(fault, delay_ms=50)
        with server.socket() as socket:
            speak(socket)
            events, closed = until_closed(socket)
        assert kinds(events) == ["chunk"] * 3
        assert (closed.rcvd.code if closed.rcvd else None) == code


def test_a_client_that_leaves_a_slow_line_is_answered_its_close(
    unruly: EngineProcess, server: Server
) -> None:
    unruly.misbehave(bandwidth=1000, delay_ms=5000)
    with server.socket() as socket:
        speak(socket, QUICK * 10)
    assert socket.close_code == 1000


def test_bandwidth_slows_the_sound_and_holds_the_voice_back(
    unruly: EngineProcess, server: Server
) -> None:
    unruly.misbehave(bandwidth=200_000)
    pieces = int(str(unruly.control()["pieces"]))
    began = time.monotonic()
    with server.socket() as socket:
        speak(socket, "This is one sentence of a long text. " * 60)
        size = sum(len(socket.recv(timeout=PATIENCE)) for _ in range(12))
        assert time.monotonic() - began >= size / 200_000
        # Unpaced, all 60 would be spoken by now.
        assert int(str(unruly.control()["pieces"])) - pieces < 20
        # And what waits comes at once when the line is good again.
        unruly.misbehave()
        receive_until(socket, "done")


def test_a_slow_line_does_not_hold_a_better_one_back(unruly: EngineProcess, server: Server) -> None:
    """Ten seconds' delay, until the weather clears."""
    with server.socket() as socket:
        unruly.misbehave(delay_ms=10_000)
        speak(socket)
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.1)
        unruly.misbehave()
        event = json.loads(socket.recv(timeout=8))
        assert event["type"] == "chunk"
        receive_until(socket, "done")


@pytest.mark.parametrize("weather", [{}, {"delay_ms": 50}, {"bandwidth": 20_000}])
def test_a_client_that_vanishes_leaves_no_trace(
    unruly: EngineProcess, server: Server, weather: dict[str, float]
) -> None:
    """Neither a context nor a socket nor a word on standard error, which the fixture checks."""
    unruly.misbehave(**weather)  # type: ignore[arg-type]  # none of these is the seed
    before = int(str(unruly.control()["cancelled"]))

    async def vanish() -> None:
        address = f"{server.websocket_url}/tts/websocket"
        headers = {"Authorization": f"Bearer {server.key}"}
        # Not in a with: it would close the socket as one should.
        socket = await async_connect(address, additional_headers=headers, proxy=None)
        await socket.send(json.dumps(request(QUICK * 200, "long")))
        await socket.send(json.dumps(request("This one waits. ", "waits", then=True)))
        await socket.recv()
        assert unruly.control()["running"] == 2
        plain = socket.transport.get_extra_info("socket")
        plain.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        socket.transport.abort()

    asyncio.run(vanish())
    wait_for(lambda: unruly.control()["cancelled"] == before + 2, "both are cancelled")


def test_a_client_that_vanishes_while_it_is_refused_leaves_no_trace(
    unruly: EngineProcess, server: Server
) -> None:
    """It reads nothing, so that the engine is stuck with its answers when it goes."""
    unruly.control(max_contexts=1)

    async def vanish() -> None:
        address = f"{server.websocket_url}/tts/websocket?api_key={server.key}"
        socket = await async_connect(address, proxy=None)
        await socket.send(json.dumps(request("This one waits. ", "waits", then=True)))
        with pytest.raises(asyncio.TimeoutError):
            while True:
                again = json.dumps(request("No.", "b" * 1_000_000))
                await asyncio.wait_for(socket.send(again), 0.5)
        plain = socket.transport.get_extra_info("socket")
        plain.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        socket.transport.abort()

    asyncio.run(vanish())
