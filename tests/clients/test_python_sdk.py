"""What the Python SDK offers for speech, beyond what the conformance tests already call.

Sync, async and the interface of its version 2. Same text, same samples, whichever way it is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypedDict, cast

import pytest
from cartesia import AsyncCartesia, AuthenticationError, BadRequestError, Cartesia
from cartesia.lib._tts import (
    AsyncBackcompatTTSResourceConnection,
    AsyncTTSResourceConnection,
    BackcompatWebSocketTtsOutput,
    TTSResourceConnection,
)
from cartesia.types.voice_specifier_param import TTSRequestVoiceObject
from cartesia.types.websocket_client_event_param import WebsocketClientEventParam
from cartesia.types.websocket_response import WebsocketResponse
from websockets.exceptions import InvalidStatus

from tests.engine.talk import Server, output, request

QUICK = "The quick brown fox jumps over the lazy dog."
PARTS = ["Hi there! ", "Welcome to ", "Cartesia Sonic."]
LONG = QUICK * 500
MODEL = "sonic-3.5"
# The SDK's type allows more fields than it names, which mypy can't see.
VOICE = cast(TTSRequestVoiceObject, {"mode": "id", "id": "f786b574-daa5-4673-aa0c-cbe3e8534c02"})
FORMAT = output("pcm_s16le", 16000)


class Asked(TypedDict):
    """What a context is made with here."""

    model_id: str
    voice: TTSRequestVoiceObject
    output_format: dict[str, object]
    timeout: float


ASKED: Asked = {"model_id": MODEL, "voice": VOICE, "output_format": FORMAT, "timeout": 15}


@pytest.fixture
def connection(server: Server) -> Iterator[TTSResourceConnection]:
    with server.client().tts.websocket_connect() as connection:
        yield connection


def sound(events: Iterator[WebsocketResponse]) -> bytes:
    """The PCM of a context's events, which have to end with ``done``."""
    heard, last = b"", ""
    for event in events:
        last = str(event.type)
        if event.type == "chunk":
            heard += event.audio or b""
    assert last == "done"
    return heard


async def sound_async(events: AsyncIterator[WebsocketResponse]) -> bytes:
    return sound(iter([event async for event in events]))


def speak(connection: TTSResourceConnection, text: str) -> bytes:
    context = connection.context(**ASKED)
    context.push(text)
    context.no_more_inputs()
    return sound(context.receive())


async def speak_async(connection: AsyncTTSResourceConnection, text: str) -> bytes:
    context = connection.context(**ASKED)
    await context.push(text)
    await context.no_more_inputs()
    return await sound_async(context.receive())


# --- sync ---------------------------------------------------------------------------------------


def test_a_context_pushed_in_parts_is_heard_whole(
    connection: TTSResourceConnection, whole: Callable[[str], bytes]
) -> None:
    context = connection.context("mine", language="en", max_buffer_delay_ms=3000, **ASKED)
    for part in PARTS:
        context.push(part)
    context.no_more_inputs()
    assert sound(context.receive()) == whole("".join(PARTS))


def test_a_context_sent_field_by_field_is_heard_whole(
    connection: TTSResourceConnection, whole: Callable[[str], bytes]
) -> None:
    context = connection.context()
    context.send(
        transcript=QUICK,
        model_id=MODEL,
        voice=VOICE,
        output_format=FORMAT,
        continue_=False,
        language="en",
        generation_config={"speed": 1.0, "volume": 1.0, "emotion": "neutral"},
    )
    assert sound(context.receive()) == whole(QUICK)


def test_words_and_phonemes_come_with_the_sound(connection: TTSResourceConnection) -> None:
    context = connection.context(add_timestamps=True, add_phoneme_timestamps=True, **ASKED)
    context.push(QUICK)
    context.no_more_inputs()
    words: list[str] = []
    phonemes: list[str] = []
    for event in context.receive():
        if event.type == "timestamps" and event.word_timestamps:
            words += event.word_timestamps.words
        if event.type == "phoneme_timestamps" and event.phoneme_timestamps:
            phonemes += event.phoneme_timestamps.phonemes
    assert words == QUICK.split()
    assert len(phonemes) > 20


def test_a_flush_is_answered_between_the_sound_before_and_after_it(
    connection: TTSResourceConnection,
) -> None:
    context = connection.context(**ASKED)
    context.push("Half a sentence ")
    context.push("", flush=True)
    context.push("and the rest.")
    context.no_more_inputs()
    kinds = [str(event.type) for event in context.receive()]
    at = kinds.index("flush_done")
    assert kinds.count("flush_done") == kinds.count("done") == 1
    assert set(kinds[:at]) == set(kinds[at + 1 : -1]) == {"chunk"}


def test_a_cancelled_context_leaves_the_connection_to_the_next(
    connection: TTSResourceConnection, whole: Callable[[str], bytes]
) -> None:
    context = connection.context("long", **ASKED)
    context.push(LONG)
    context.no_more_inputs()
    events = context.receive()
    assert next(events).type == "chunk"
    context.cancel()
    assert len(sound(events)) < 400 * len(whole(QUICK))
    assert speak(connection, QUICK) == whole(QUICK)


def test_contexts_taken_in_another_order_than_they_were_sent_are_heard_whole(
    connection: TTSResourceConnection, whole: Callable[[str], bytes]
) -> None:
    texts = [f"This is number {n}." for n in range(6)]
    contexts = [connection.context(**ASKED) for _ in texts]
    for context, text in zip(contexts, texts, strict=True):
        context.push(text)
        context.no_more_inputs()
    heard = [sound(context.receive()) for context in reversed(contexts)]
    assert heard == [whole(text) for text in reversed(texts)]


def test_threads_with_a_connection_each_are_heard_whole(
    server: Server, whole: Callable[[str], bytes]
) -> None:
    texts = [f"This is number {n}." for n in range(12)]

    def in_thread(text: str) -> bytes:
        with server.client().tts.websocket_connect() as connection:
            return b"|".join([speak(connection, text), speak(connection, QUICK)])

    with ThreadPoolExecutor(12) as pool:
        heard = list(pool.map(in_thread, texts))
    assert heard == [b"|".join([whole(text), whole(QUICK)]) for text in texts]


def test_plain_messages_can_be_sent_and_received(
    connection: TTSResourceConnection, whole: Callable[[str], bytes]
) -> None:
    message = cast(WebsocketClientEventParam, request(QUICK, "plain", output_format=FORMAT))
    connection.send(message)
    event = connection.recv()
    events = [event, connection.parse_event(connection.recv_bytes(timeout=15))]
    for event in connection:
        events.append(event)
        if event.type == "done":
            break
    assert {event.context_id for event in events} == {"plain"}
    assert sound(iter(events)) == whole(QUICK)


def test_a_refused_context_ends_with_the_error_and_the_connection_speaks_on(
    connection: TTSResourceConnection, whole: Callable[[str], bytes]
) -> None:
    context = connection.context(model_id=MODEL, voice=VOICE, output_format=output("mp3", 8000))
    context.push(QUICK)
    (event,) = list(context.receive())
    assert event.type == "error"
    assert "mp3" in str(event.message)
    assert speak(connection, QUICK) == whole(QUICK)


def test_a_context_that_was_asked_for_nothing_times_out(
    connection: TTSResourceConnection,
) -> None:
    context = connection.context(**(ASKED | {"timeout": 0.2}))
    with pytest.raises(TimeoutError):
        list(context.receive())


def test_a_connection_opened_by_hand_with_query_and_headers_speaks(
    server: Server, whole: Callable[[str], bytes]
) -> None:
    manager = server.client().tts.websocket_connect(
        extra_query={"cartesia_version": "2025-04-16"},
        extra_headers={"X-Of-The-Test": "yes"},
        websocket_connection_options={"max_size": None},
    )
    connection = manager.enter()
    assert speak(connection, QUICK) == whole(QUICK)
    connection.close(code=1000, reason="enough")


# --- async --------------------------------------------------------------------------------------


def test_async_contexts_at_once_are_heard_whole(
    server: Server, whole: Callable[[str], bytes]
) -> None:
    texts = ["".join(PARTS), *(f"This is number {n}." for n in range(12))]

    async def run() -> list[bytes]:
        async with server.async_client() as client, client.tts.websocket_connect() as connection:
            return list(await asyncio.gather(*(speak_async(connection, text) for text in texts)))

    assert asyncio.run(run()) == [whole(text) for text in texts]


def test_async_flush_and_timestamps_come_in_their_place(server: Server) -> None:
    async def run() -> list[str]:
        async with server.async_client() as client, client.tts.websocket_connect() as connection:
            context = connection.context(add_timestamps=True, **ASKED)
            await context.push("Half a sentence ")
            await context.push("", flush=True)
            await context.push("and the rest.")
            await context.no_more_inputs()
            return [str(event.type) async for event in context.receive()]

    kinds = asyncio.run(run())
    at = kinds.index("flush_done")
    assert set(kinds[:at]) == set(kinds[at + 1 : -1]) == {"chunk", "timestamps"}
    assert kinds[-1] == "done"


def test_async_a_cancelled_context_leaves_the_connection_to_the_next(
    server: Server, whole: Callable[[str], bytes]
) -> None:
    async def run() -> bytes:
        async with server.async_client() as client, client.tts.websocket_connect() as connection:
            context = connection.context(**ASKED)
            await context.push(LONG)
            await context.no_more_inputs()
            async for event in context.receive():
                assert event.type == "chunk"
                break
            await context.cancel()
            return await speak_async(connection, QUICK)

    assert asyncio.run(run()) == whole(QUICK)


# --- as in version 2 ----------------------------------------------------------------------------


def test_version_2_is_heard_whole_with_its_words(
    server: Server, whole: Callable[[str], bytes]
) -> None:
    connection = server.client().tts.websocket()
    connection.connect()
    try:
        answer = connection.send(
            model_id=MODEL,
            transcript=QUICK,
            voice=VOICE,
            output_format=FORMAT,
            context_id="two",
            stream=False,
            add_timestamps=True,
            add_phoneme_timestamps=True,
        )
        check_version_2(cast(BackcompatWebSocketTtsOutput, answer), whole(QUICK))
    finally:
        connection.close()


@pytest.mark.parametrize("stream", [True, False])
def test_version_2_async_is_heard_whole_with_its_words(
    server: Server, whole: Callable[[str], bytes], stream: bool
) -> None:
    async def run() -> list[BackcompatWebSocketTtsOutput]:
        async with server.async_client() as client:
            connection: AsyncBackcompatTTSResourceConnection = await client.tts.websocket()
            try:
                answer = await connection.send(
                    model_id=MODEL,
                    transcript=QUICK,
                    voice=VOICE,
                    output_format=FORMAT,
                    stream=stream,
                    add_timestamps=True,
                    add_phoneme_timestamps=True,
                )
                if isinstance(answer, BackcompatWebSocketTtsOutput):
                    return [answer]
                return [part async for part in answer]
            finally:
                await connection.close()

    parts = asyncio.run(run())
    assert b"".join(part.audio or b"" for part in parts) == whole(QUICK)
    if not stream:
        check_version_2(parts[0], whole(QUICK))


def check_version_2(answer: BackcompatWebSocketTtsOutput, wanted: bytes) -> None:
    assert answer.audio == wanted
    assert answer.word_timestamps and answer.phoneme_timestamps
    assert dict(answer.word_timestamps)["words"] == QUICK.split()


# --- REST ---------------------------------------------------------------------------------------


def test_a_client_made_with_a_token_speaks(server: Server, whole: Callable[[str], bytes]) -> None:
    token = server.client().access_token.create(grants={"tts": True}, expires_in=60).token
    client = Cartesia(token=token, base_url=server.url, websocket_base_url=server.websocket_url)
    with client.tts.websocket_connect() as connection:
        assert speak(connection, QUICK) == whole(QUICK)


def test_async_voices_are_listed_across_pages(server: Server) -> None:
    async def run() -> list[str]:
        async with server.async_client() as client:
            return [voice.id async for voice in client.voices.list(limit=7)]

    listed = asyncio.run(run())
    assert listed == [voice.id for voice in server.client().voices.list(limit=100)]
    assert len(listed) > 14


def test_a_wrong_key_and_a_bad_request_are_the_sdks_own_exceptions(server: Server) -> None:
    wrong = Cartesia(
        api_key="wrong", base_url=server.url, websocket_base_url=server.websocket_url, max_retries=0
    )
    with pytest.raises(AuthenticationError):
        wrong.voices.list()
    with pytest.raises(InvalidStatus, match="401"):
        wrong.tts.websocket_connect().enter()
    with pytest.raises(BadRequestError, match="limit"):
        server.client().voices.list(limit=1000)


def test_async_a_wrong_key_is_refused_at_the_handshake(server: Server) -> None:
    async def run() -> None:
        async with AsyncCartesia(
            api_key="wrong", base_url=server.url, websocket_base_url=server.websocket_url
        ) as client:
            await client.tts.websocket_connect().enter()

    with pytest.raises(InvalidStatus, match="401"):
        asyncio.run(run())
