"""`make live`, with engines and a proxy standing where Cartesia is."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator

import httpx
import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.protocol.limits import API_VERSION
from tests.engine.talk import Server, converse, request
from tests.engine.test_conformance import BAD
from tests.live.judge import ROOT, TESTS, hush, sentence
from tests.live.meter import Meter, OverLimitError, characters


def live(url: str | None = None, key: str = "") -> subprocess.CompletedProcess[str]:
    environment = {n: v for n, v in os.environ.items() if not n.startswith("CARTESIA")}
    if url:
        environment["CARTESIA_NB_CONFORMANCE_URL"] = url
    if key:
        environment["CARTESIA_API_KEY"] = key
    done = subprocess.run(
        [sys.executable, "-m", "tests.live"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert not key or key not in done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineProcess]:
    with EngineProcess(fast=True) as process:
        yield process


@pytest.fixture
def server(engine: EngineProcess) -> Server:
    return Server(engine.url, engine.api_key)


@pytest.fixture
def differs(engine: EngineProcess) -> Iterator[str]:
    """The address of a server like the engine, but for one thing: flushes count from 7."""
    before, after = b'"flush_id": 1', b'"flush_id": 7'
    port = int(engine.url.rpartition(":")[2])

    def forward(source: socket.socket, target: socket.socket, rewrite: bool) -> None:
        waiting = b""
        while data := source.recv(1 << 16):
            data = waiting + data
            if rewrite:
                data = data.replace(before, after)
                # What may be the beginning of it waits for the rest.
                cut = next((n for n in range(12, 0, -1) if data.endswith(before[:n])), 0)
            else:
                cut = 0
            waiting = data[len(data) - cut :]
            target.sendall(data[: len(data) - cut])
        target.shutdown(socket.SHUT_WR)

    class Proxy(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as upstream:
                back = threading.Thread(target=forward, args=(upstream, self.request, True))
                back.start()
                forward(self.request, upstream, False)
                back.join()

    class Listener(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Listener(("127.0.0.1", 0), Proxy) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listener.server_address[1]}"
        listener.shutdown()


def counts(printed: str) -> tuple[int, int]:
    """Characters said beforehand, and sent."""
    said = re.search(r"At most (\d+) characters will be sent", printed)
    sent = re.search(r"(\d+) characters were sent", printed)
    assert said and sent, printed
    return int(said[1]), int(sent[1])


def test_without_a_key_it_says_so_and_that_is_no_failure() -> None:
    done = live()
    assert done.returncode == 0
    assert done.stdout.startswith("CARTESIA_API_KEY is not set, so nothing was sent.")
    assert len(done.stdout.splitlines()) == 1


def test_each_difference_is_a_sentence_and_no_more_is_sent_than_was_said(
    engine: EngineProcess, differs: str
) -> None:
    done = live(differs, engine.api_key)
    assert done.returncode == 1, done.stdout + done.stderr
    named = [line for line in done.stdout.splitlines() if line.startswith("Not so:")]
    assert len(named) == 1, done.stdout
    assert named[0].startswith(
        "Not so: Flush says when all of the text before it was sent: assert 7 == 1"
    )
    said, sent = counts(done.stdout)
    left_out = re.search(
        r"\((\d+) more are about the built-in engine alone, or dear\)", done.stdout
    )
    assert left_out and int(left_out[1]) > len(BAD)
    # The test that fails has sent all of its text by then.
    assert 0 < sent == said < 5000
    assert done.stdout.index("At most") < done.stdout.index("Not so")
    assert "1 difference in" in done.stdout


@pytest.mark.long
def test_a_server_that_does_as_the_engine_does_has_no_differences() -> None:
    with EngineProcess() as paced:
        done = live(paced.url, paced.api_key)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 differences in" in done.stdout
    said, sent = counts(done.stdout)
    assert said == sent


def test_a_key_that_is_not_accepted_costs_nothing(engine: EngineProcess) -> None:
    before = Server(engine.url, engine.api_key).control()["characters"]
    done = live(engine.url, "not-the-key-of-this-engine")
    assert done.returncode == 2
    assert "does not accept the key in CARTESIA_API_KEY (HTTP 401)" in done.stdout
    assert "No characters were sent." in done.stdout
    assert Server(engine.url, engine.api_key).control()["characters"] == before


def test_a_server_that_cannot_be_reached_is_named() -> None:
    with socket.socket() as taken:  # Bound, and nobody listens.
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = live(url, "some-key")
    assert done.returncode == 2
    assert f"{url} cannot be reached (ConnectError" in done.stdout
    assert "No characters were sent." in done.stdout


def test_all_of_the_conformance_tests_are_asked_for() -> None:
    files = (ROOT / "tests" / "engine").glob("test_conformance*.py")
    assert {path.relative_to(ROOT).as_posix() for path in files} < set(TESTS)


def test_all_that_is_sent_says_which_version_it_means(server: Server) -> None:
    with server.http() as http:
        assert http.headers["Cartesia-Version"] == API_VERSION
    with server.socket() as connection:
        assert connection.request and connection.request.headers["Cartesia-Version"] == API_VERSION


def test_a_servers_key_is_not_printed_with_it() -> None:
    assert repr(Server("http://there", "secret")) == "Server(url='http://there')"


def test_only_a_transcript_counts() -> None:
    assert characters('{"transcript": "Hëllo", "context_id": "abc"}') == 5
    assert characters(b'{"transcript": "Hi."}') == 3
    for other in ('{"transcript": null}', "[]", "nonsense", b"\xff", "[" * 100_000, ["a"], None):
        assert characters(other) == 0


def test_the_meter_counts_whoever_sends(server: Server) -> None:
    async def speak_async() -> None:
        async with server.async_client() as client, client.tts.websocket_connect() as connection:
            context = connection.context(
                model_id="sonic-3.5", voice={"id": "a"}, output_format={"container": "raw"}
            )
            await context.push("12345")
            await client.voices.list()

    meter = Meter()
    with meter.in_place():
        converse(server, request("123"))
        assert meter.sent == 3
        asyncio.run(speak_async())
        assert meter.sent == 8
        with server.http() as http:
            http.post("/tts/bytes", json=request("12"))
        assert meter.sent == 10
    converse(server, request("123"))
    assert meter.sent == 10


def test_what_is_over_the_limit_is_not_sent(server: Server) -> None:
    before = server.control()["characters"]
    meter = Meter(limit=5)
    with meter.in_place():
        with pytest.raises(OverLimitError, match="6 characters, and 5 were said"):
            converse(server, request("123456"))
        with pytest.raises(OverLimitError), httpx.Client() as http:
            http.post(f"{server.url}/tts/bytes", json=request("123456"))
        converse(server, request("12345"))
    assert meter.sent == 5
    assert server.control()["characters"] == int(str(before)) + 5


def test_a_tests_name_becomes_its_sentence() -> None:
    assert sentence("tests/a.py::test_a_page_is_refused[0]") == "Not so: A page is refused [0]"


def test_neither_key_nor_token_stands_in_a_reason() -> None:
    said = hush("HTTP 400 for\n sk_1 at ?access_token=abc&x=1 api_key=sk_2", ("sk_1", ""))
    assert said == "HTTP 400 for [key] at ?access_token=[...]&x=1 api_key=[...]"
    assert len(hush("word " * 1000, ())) == 300
