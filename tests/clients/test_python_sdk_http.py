"""What the Python SDK offers for speech over plain HTTP: Server-Sent Events, and bytes.

Same text, same samples as over the socket.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Iterator

import pytest
from cartesia import BadRequestError
from cartesia.types.tts_generate_params import OutputFormatRawOutputFormat
from cartesia.types.tts_generate_sse_params import OutputFormat as SSEOutputFormat
from cartesia.types.tts_sse_event import (
    TTSSSEChunkEvent,
    TTSSSEEvent,
    TTSSSEPhonemeTimestampsEvent,
    TTSSSETimestampsEvent,
)

from tests.engine.talk import QUICK, Server

MODEL = "sonic-3.5"
VOICE = "f786b574-daa5-4673-aa0c-cbe3e8534c02"
RAW: OutputFormatRawOutputFormat = {
    "container": "raw",
    "encoding": "pcm_s16le",
    "sample_rate": 16000,
}
RAW_SSE: SSEOutputFormat = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16000}


def sound_of(events: Iterator[TTSSSEEvent]) -> tuple[bytes, list[str], int]:
    """PCM, words and the number of phonemes of a stream, which has to end with ``done``."""
    heard, words, phonemes, last = b"", list[str](), 0, ""
    for event in events:
        last = event.type
        if isinstance(event, TTSSSEChunkEvent):
            heard += event.audio or b""
        elif isinstance(event, TTSSSETimestampsEvent):
            words += event.word_timestamps.words
        elif isinstance(event, TTSSSEPhonemeTimestampsEvent):
            phonemes += len(event.phoneme_timestamps.phonemes)
    assert last == "done"
    return heard, words, phonemes


def test_server_sent_events_are_the_same_sound_with_its_words(
    server: Server, whole: Callable[[str], bytes]
) -> None:
    with server.client().tts.generate_sse(
        model_id=MODEL,
        transcript=QUICK,
        voice=VOICE,
        output_format=RAW_SSE,
        language="en",
        context_id="mine",
        add_timestamps=True,
        add_phoneme_timestamps=True,
    ) as stream:
        events = list(stream)
    heard, words, phonemes = sound_of(iter(events))
    assert heard == whole(QUICK)
    assert words == QUICK.split()
    assert phonemes > 20
    assert {getattr(event, "context_id", None) for event in events} == {"mine"}


def test_async_server_sent_events_are_the_same_sound(
    server: Server, whole: Callable[[str], bytes]
) -> None:
    async def run() -> list[TTSSSEEvent]:
        async with server.async_client() as client:
            stream = await client.tts.generate_sse(
                model_id=MODEL, transcript=QUICK, voice=VOICE, output_format=RAW_SSE
            )
            return [event async for event in stream]

    heard, words, _ = sound_of(iter(asyncio.run(run())))
    assert heard == whole(QUICK)
    assert not words


def test_server_sent_events_are_refused_with_the_sdks_own_exception(server: Server) -> None:
    with pytest.raises(BadRequestError, match="something to say"):
        server.client().tts.generate_sse(
            model_id=MODEL, transcript="...", voice=VOICE, output_format=RAW_SSE
        )


def test_bytes_are_the_same_sound_by_every_way_of_getting_them(
    server: Server, whole: Callable[[str], bytes]
) -> None:
    tts = server.client().tts

    heard = [tts.generate(model_id=MODEL, transcript=QUICK, voice=VOICE, output_format=RAW).read()]
    with tts.with_streaming_response.generate(
        model_id=MODEL, transcript=QUICK, voice=VOICE, output_format=RAW
    ) as answer:
        heard.append(b"".join(answer.iter_bytes()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old = tts.bytes(model_id=MODEL, transcript=QUICK, voice=VOICE, output_format=RAW)
        heard.append(b"".join(old))
    assert heard == [whole(QUICK)] * 3


def test_async_bytes_are_the_same_sound(server: Server, whole: Callable[[str], bytes]) -> None:
    async def run() -> bytes:
        async with server.async_client() as client:
            answer = await client.tts.generate(
                model_id=MODEL, transcript=QUICK, voice=VOICE, output_format=RAW
            )
            return await answer.read()

    assert asyncio.run(run()) == whole(QUICK)
