"""The official Python SDK, call by call, against any server that claims to be Cartesia's.

As in ``test_conformance``; `make live` has these judge Cartesia too.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from typing import cast

import pytest
from cartesia.lib._tts import BackcompatWebSocketTtsOutput
from cartesia.types import voice as voice_types

from tests.engine.talk import QUICK, Server, output


def test_the_sdk_speaks_sync(server: Server) -> None:
    heard = b""
    with server.client().tts.websocket_connect() as connection:
        context = connection.context(
            model_id="sonic-3.5",
            voice={"id": "f786b574-daa5-4673-aa0c-cbe3e8534c02"},
            output_format=output("pcm_s16le", 16000),
        )
        context.push("Hello from ")
        context.push("the client.")
        context.no_more_inputs()
        for event in context.receive():
            if event.type == "chunk" and event.audio:
                heard += event.audio
    assert len(heard) > 16000


def test_the_sdk_speaks_async_with_two_contexts_at_once(server: Server) -> None:
    async def speak() -> list[int]:
        async with (
            server.async_client() as client,
            client.tts.websocket_connect() as connection,
        ):

            async def one(text: str) -> int:
                context = connection.context(
                    model_id="sonic-3.5",
                    voice={"id": "f786b574-daa5-4673-aa0c-cbe3e8534c02"},
                    output_format=output("pcm_s16le", 16000),
                    timeout=15,
                )
                await context.push(text)
                await context.no_more_inputs()
                return sum(
                    [len(e.audio or b"") async for e in context.receive() if e.type == "chunk"]
                )

            return list(await asyncio.gather(one("Short."), one(QUICK)))

    short, long = asyncio.run(speak())
    assert 0 < short < long


@pytest.mark.parametrize("stream", [True, False])
def test_the_sdk_speaks_as_in_version_2(server: Server, stream: bool) -> None:
    connection = server.client().tts.websocket()
    connection.connect()
    try:
        answer = connection.send(
            model_id="sonic-3.5",
            transcript="Hello again.",
            voice={"mode": "id", "id": "f786b574-daa5-4673-aa0c-cbe3e8534c02"},
            output_format=output("pcm_s16le", 16000),
            add_timestamps=True,
            stream=stream,
        )
        parts = (
            list(cast(Iterator[BackcompatWebSocketTtsOutput], answer))
            if stream
            else [cast(BackcompatWebSocketTtsOutput, answer)]
        )
        assert sum(len(part.audio or b"") for part in parts) > 8000
        assert any(part.word_timestamps for part in parts)
        # A context of its own, whose closing message the SDK fills with its own defaults.
        context = connection.context()
        context.send(
            model_id="sonic-3.5",
            transcript="And on.",
            voice={"id": "f786b574-daa5-4673-aa0c-cbe3e8534c02"},
            output_format=output("pcm_s16le", 16000),
            continue_=True,
        )
        context.no_more_inputs()
        assert [event.type for event in context.receive()][-1] == "done"
    finally:
        connection.close()


def test_the_sdk_lists_voices_page_by_page_and_finds_one(server: Server) -> None:
    client = server.client()
    listed = list(itertools.islice(client.voices.list(limit=7), 20))
    assert len({voice.id for voice in listed}) == len(listed) == 20
    for voice in listed:
        voice_types.Voice.model_validate(voice.model_dump(), strict=True)
        assert len(voice.tagline) <= 32
    assert client.voices.get(listed[8].id).name == listed[8].name
    feminine = client.voices.list(gender="feminine", limit=5).data
    assert {voice.gender for voice in feminine} == {"feminine"}
    back = client.voices.list(ending_before=listed[9].id, limit=3).data
    assert [voice.id for voice in back] == [voice.id for voice in listed[6:9]]


@pytest.mark.parametrize("container", ["raw", "wav"])
def test_the_sdk_gets_speech_as_bytes(server: Server, container: str) -> None:
    answer = server.client().tts.generate(
        model_id="sonic-3.5",
        transcript=QUICK,
        voice="f786b574-daa5-4673-aa0c-cbe3e8534c02",
        output_format=output("pcm_s16le", 24000, container),  # type: ignore[arg-type]  # refused by the server
    )
    data = answer.read()
    assert (data[:4] == b"RIFF") is (container == "wav")
    assert 2 * 24000 * 2 < len(data) < 4 * 24000 * 2


def test_the_sdk_gets_speech_as_server_sent_events(server: Server) -> None:
    with server.client().tts.generate_sse(
        model_id="sonic-3.5",
        transcript="Hello from afar.",
        voice="f786b574-daa5-4673-aa0c-cbe3e8534c02",
        output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
    ) as stream:
        events = list(stream)
    assert {event.type for event in events[:-1]} == {"chunk"}
    assert events[-1].type == "done"
    heard = b"".join(event.audio or b"" for event in events if event.type == "chunk")
    assert 24000 < len(heard) < 3 * 24000 * 2
