"""Clients with no SDK: the ``websockets`` library as one finds it in tutorials, and bare HTTP."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import urllib.error
import urllib.request
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from scipy.io import wavfile
from websockets.asyncio.client import connect

from tests.engine.talk import Server, output, request

QUICK = "The quick brown fox jumps over the lazy dog."


async def listen(address: str, headers: dict[str, str]) -> bytes:
    """One context's PCM; nothing is set that the library doesn't set by itself."""
    heard = b""
    async with connect(address, additional_headers=headers, proxy=None) as socket:
        await socket.send(json.dumps(request(QUICK, output_format=output("pcm_s16le", 16000))))
        async for message in socket:
            event = json.loads(message)
            if event["type"] == "chunk":
                heard += base64.b64decode(event["data"])
            else:
                assert event["type"] == "done", event
                return heard
    raise AssertionError("The socket was closed before done.")


@pytest.mark.parametrize("by", ["Authorization", "X-API-Key", "query"])
def test_websockets_hears_all_whichever_way_the_key_comes(
    server: Server, whole: Callable[[str], bytes], by: str
) -> None:
    address = f"{server.websocket_url}/tts/websocket?cartesia_version=2026-08-14"
    headers = {
        "Authorization": {"Authorization": f"Bearer {server.key}"},
        "X-API-Key": {"X-API-Key": server.key, "Cartesia-Version": "2025-04-16"},
        "query": {},
    }[by]
    if not headers:
        address += f"&api_key={server.key}"
    assert asyncio.run(listen(address, headers)) == whole(QUICK)


def ask(server: Server, path: str, body: object = None) -> tuple[int, bytes]:
    """Status and body; a POST where there is a body to send."""
    question = urllib.request.Request(
        server.url + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"X-API-Key": server.key, "Content-Type": "application/json"},
    )
    # No proxy, whatever the environment says: the server is on loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(question, timeout=15) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize("container", ["raw", "wav"])
def test_bare_http_gets_speech(
    server: Server, whole: Callable[[str], bytes], container: str
) -> None:
    body = request(QUICK, output_format=output("pcm_s16le", 16000, container))
    status, data = ask(server, "/tts/bytes", body)
    assert status == 200
    if container == "wav":
        with wave.open(io.BytesIO(data)) as file:
            assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (16000, 2, 1)
            data = file.readframes(file.getnframes())
    assert data == whole(QUICK)


@pytest.mark.parametrize("encoding", ["pcm_s16le", "pcm_f32le", "pcm_mulaw", "pcm_alaw"])
def test_readers_of_wav_find_all_samples_though_no_length_is_said(
    server: Server, tmp_path: Path, encoding: str
) -> None:
    """As Cartesia's own: the length is all ones, and readers go by the end of the file."""
    bodies = {
        container: ask(
            server,
            "/tts/bytes",
            request(QUICK, output_format=output(encoding, 16000, container)),
        )[1]
        for container in ("raw", "wav")
    }
    header = bodies["wav"][: -len(bodies["raw"])]
    assert bodies["wav"] == header + bodies["raw"]
    assert header[4:8] == header[-4:] == b"\xff" * 4
    if encoding in ("pcm_s16le", "pcm_f32le"):
        path = tmp_path / "speech.wav"
        path.write_bytes(bodies["wav"])
        with pytest.warns(wavfile.WavFileWarning, match="Reached EOF"):
            rate, samples = wavfile.read(path)
        assert (rate, samples.tobytes()) == (16000, bodies["raw"])


def test_bare_http_gets_voices_and_a_token(server: Server) -> None:
    status, data = ask(server, "/voices?limit=2")
    page = json.loads(data)
    assert (status, len(page["data"]), page["has_more"]) == (200, 2, True)
    status, data = ask(server, "/voices/" + page["data"][1]["id"])
    assert (status, json.loads(data)["name"]) == (200, page["data"][1]["name"])
    status, data = ask(server, "/access-token", {"grants": {"tts": True}, "expires_in": 60})
    assert status == 200 and json.loads(data)["token"]


@pytest.mark.parametrize(("path", "wanted"), [("/nowhere", 404), ("/voices?limit=0", 400)])
def test_bare_http_is_told_what_is_wrong_as_json(server: Server, path: str, wanted: int) -> None:
    status, data = ask(server, path)
    assert status == wanted
    assert json.loads(data)["message"]
