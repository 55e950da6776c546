"""Cartesia's realtime quickstart, call for call, with a recorder where it starts a player."""

from __future__ import annotations

import asyncio
from typing import cast

import numpy as np
from cartesia import AsyncCartesia, Cartesia
from cartesia.types.voice_specifier_param import TTSRequestVoiceObject

from cartesia_nb.protocol.encodings import decode
from tests.engine.talk import Server

MODEL = "sonic-3.5"
# The SDK's type allows more fields than it names, which mypy can't see.
VOICE = cast(TTSRequestVoiceObject, {"mode": "id", "id": "f786b574-daa5-4673-aa0c-cbe3e8534c02"})
FORMAT = {"container": "raw", "encoding": "pcm_f32le", "sample_rate": 44100}
PARTS = ["Hi there! ", "Welcome to ", "Cartesia Sonic."]


class Recorder:
    """Stands where the player's standard input is: keeps what is written."""

    def __init__(self) -> None:
        self.heard = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.heard += data

    def close(self) -> None:
        self.closed = True

    def check(self) -> None:
        assert self.closed
        samples = decode(self.heard, "pcm_f32le")
        assert 1.5 < len(samples) / 44100 < 4.0
        assert 0.1 < float(np.abs(samples).max()) < 1.0


def test_the_quickstart_plays_all_of_its_text(server: Server) -> None:
    player = Recorder()
    client = Cartesia(
        api_key=server.key, base_url=server.url, websocket_base_url=server.websocket_url
    )
    with client.tts.websocket_connect() as connection:
        ctx = connection.context(model_id=MODEL, voice=VOICE, output_format=FORMAT)
        for part in PARTS:
            ctx.push(part)
        ctx.no_more_inputs()
        ended = False
        for response in ctx.receive():
            if response.type == "chunk" and response.audio:
                player.write(response.audio)
            elif response.type == "done":
                ended = True
                break
    player.close()
    assert ended
    player.check()


def test_the_async_quickstart_plays_all_of_its_text(server: Server) -> None:
    player = Recorder()

    async def run() -> bool:
        client = AsyncCartesia(
            api_key=server.key, base_url=server.url, websocket_base_url=server.websocket_url
        )
        async with client, client.tts.websocket_connect() as connection:
            ctx = connection.context(model_id=MODEL, voice=VOICE, output_format=FORMAT)
            for part in PARTS:
                await ctx.push(part)
            await ctx.no_more_inputs()
            async for response in ctx.receive():
                if response.type == "chunk" and response.audio:
                    player.write(response.audio)
                elif response.type == "done":
                    return True
        return False

    ended = asyncio.run(run())
    player.close()
    assert ended
    player.check()
