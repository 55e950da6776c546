"""A running engine for clients that nobody here wrote, and what each of them has to hear."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import pytest

from cartesia_nb.engine.process import EngineProcess
from tests.engine.talk import Server, audio, converse, output, request


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The built-in engine, unpaced."""
    with EngineProcess(fast=True) as process:
        yield Server(process.url, process.api_key)


@pytest.fixture(scope="session")
def whole(server: Server) -> Callable[[str], bytes]:
    """All of a text's sound, 16 kHz, 16 bits, asked for in the protocol's own words.

    The engine gives the same samples for the same text, so every client has to hear these.
    """

    @functools.cache
    def of(text: str) -> bytes:
        sound = audio(converse(server, request(text, output_format=output("pcm_s16le", 16000))))
        assert len(sound) > 8000
        return sound

    return of
