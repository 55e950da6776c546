"""The REST calls: against the engine, and against servers that misbehave."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import AuthenticationError, ConnectError, ServerError, SettingsError
from cartesia_nb.speech import loops, rest
from cartesia_nb.speech.rest import Rest
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.socket import Endpoint

T = TypeVar("T")
KEY = "sk_car_a_key_that_nobody_sees"
Query = dict[str, str]


@dataclass
class Answer:
    """What a server of the tests answers."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def answer(body: object, status: int = 200, **headers: str) -> Answer:
    return Answer(json.dumps(body).encode(), status, headers)


class Server:
    """An HTTP server in a thread that answers as a test says."""

    def __init__(self, respond: Callable[[str, Query], Answer]) -> None:
        self.asked: list[tuple[str, Query]] = []
        self.seen = threading.Event()
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                served.asked.append((parts.path, query))
                served.seen.set()
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                given = respond(parts.path, query)
                self.send_response(given.status)
                headers = {"Content-Type": "application/json", **given.headers}
                for name, value in {**headers, "Content-Length": str(len(given.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(given.body)

            do_POST = do_GET

            # Any: the base class says so.
            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def endpoint(self, key: str = KEY) -> Endpoint:
        return Endpoint(self.url, self.url.replace("http", "ws"), Secret(key))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def serving() -> Iterator[Callable[[Callable[[str, Query], Answer]], Server]]:
    servers: list[Server] = []

    def serve(respond: Callable[[str, Query], Answer]) -> Server:
        servers.append(Server(respond))
        return servers[-1]

    yield serve
    for server in servers:
        server.close()


def asking(endpoint: Endpoint) -> Callable[[], Awaitable[Endpoint]]:
    async def ask() -> Endpoint:
        # A new Secret each time, as the built-in engine's endpoint has.
        key = Secret(endpoint.key.reveal())
        return Endpoint(endpoint.base_url, endpoint.websocket_url, key)

    return ask


def ask(endpoint: Endpoint, call: Callable[[Rest], Awaitable[T]], *, timeout: float = 10.0) -> T:
    """Make a Rest on the network loop, ask it, close it."""

    async def asked() -> T:
        made = Rest(asking(endpoint), timeout)
        try:
            return await call(made)
        finally:
            await made.close()

    return loops.finish(asked(), 30)


def row(number: int) -> dict[str, object]:
    return {"id": f"v{number}", "name": f"Voice {number}", "language": "en"}


def listed(count: int) -> Callable[[str, Query], Answer]:
    """A well-behaved list of voices, in pages."""

    def respond(path: str, query: Query) -> Answer:
        after = query.get("starting_after")
        start = 0 if after is None else int(after[1:]) + 1
        end = min(start + int(query["limit"]), count)
        return answer({"data": [row(n) for n in range(start, end)], "has_more": end < count})

    return respond


Serving = Callable[[Callable[[str, Query], Answer]], Server]


def test_the_engines_voices_come_whole_each_once(endpoint: Endpoint) -> None:
    rows = ask(endpoint, lambda rest: rest.voices())
    assert len(rows) > 100  # more than one page
    assert len({row.id for row in rows}) == len(rows)


def test_the_server_filters_by_gender_query_and_owner(endpoint: Endpoint) -> None:
    feminine = ask(endpoint, lambda rest: rest.voices(gender="feminine"))
    assert feminine and {row.gender for row in feminine} == {"feminine"}
    scottish = ask(endpoint, lambda rest: rest.voices(query="scottish"))
    assert scottish and all("Scottish" in row.name for row in scottish)
    assert ask(endpoint, lambda rest: rest.voices(mine=True)) == []


def test_one_voice_is_found_by_its_id(endpoint: Endpoint) -> None:
    first = ask(endpoint, lambda rest: rest.voices())[0]
    found = ask(endpoint, lambda rest: rest.voice(first.id))
    assert (found.id, found.name) == (first.id, first.name)
    with pytest.raises(SettingsError, match="a voice id"):
        ask(endpoint, lambda rest: rest.voice(" "))


def test_a_token_of_the_engine_lets_speak_and_is_not_shown(endpoint: Endpoint) -> None:
    token = ask(endpoint, lambda rest: rest.access_token(60))
    assert token.reveal() not in repr(token)
    by_token = Endpoint(endpoint.base_url, endpoint.websocket_url, token)
    assert ask(by_token, lambda rest: rest.voices(query="scottish"))
    with pytest.raises(AuthenticationError, match="403"):
        ask(by_token, lambda rest: rest.access_token(60))  # a token is no key


@pytest.mark.parametrize("life", [0, -1, 3601, 1.5, True, None])
def test_a_tokens_life_is_checked_before_asking(endpoint: Endpoint, life: int) -> None:
    with pytest.raises(SettingsError, match="whole seconds, 1 to 3600"):
        ask(endpoint, lambda rest: rest.access_token(life))


def test_250_voices_come_in_three_pages(serving: Serving) -> None:
    server = serving(listed(250))
    rows = ask(server.endpoint(), lambda rest: rest.voices())
    assert [row.id for row in rows] == [f"v{n}" for n in range(250)]
    assert [query["limit"] for _, query in server.asked] == ["100"] * 3


def test_a_list_without_has_more_ends_at_an_empty_page(serving: Serving) -> None:
    whole = listed(150)

    def respond(path: str, query: Query) -> Answer:
        return answer({"data": json.loads(whole(path, query).body)["data"]})

    assert len(ask(serving(respond).endpoint(), lambda rest: rest.voices())) == 150


def test_a_list_that_always_has_more_ends_when_a_page_brings_nothing_new(
    serving: Serving,
) -> None:
    server = serving(lambda path, query: answer({"data": [row(1), row(2)], "has_more": True}))
    rows = ask(server.endpoint(), lambda rest: rest.voices())
    assert [row.id for row in rows] == ["v1", "v2"]
    assert len(server.asked) == 2


def test_a_list_with_ever_new_voices_ends_all_the_same(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "_MOST_PAGES", 5)
    server = serving(listed(10**9))
    with pytest.raises(ServerError, match="listed 500 voices and had still more"):
        ask(server.endpoint(), lambda rest: rest.voices())


def test_rows_without_an_id_are_left_out_and_other_fields_may_be_missing(
    serving: Serving,
) -> None:
    rows = [{"name": "nobody"}, "text", None, {"id": "a"}, {"id": 7}]
    server = serving(lambda path, query: answer({"data": rows, "has_more": False}))
    assert [row.id for row in ask(server.endpoint(), lambda rest: rest.voices())] == ["a"]


@pytest.mark.parametrize(
    "body",
    [b"<html>Hello</html>", b"{not json", b"[]", b'"text"', b'{"voices": []}', b'{"data": 3}', b""],
)
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
def test_an_answer_that_is_not_of_the_api_is_told(serving: Serving, body: bytes, kind: str) -> None:
    server = serving(lambda path, query: Answer(body, headers={"Content-Type": kind}))
    for call in (Rest.voices, lambda rest: rest.voice("v"), Rest.access_token):
        with pytest.raises(ServerError, match="is not of Cartesia's API"):
            ask(server.endpoint(), call)


def test_a_refused_key_is_told_without_showing_it(serving: Serving) -> None:
    server = serving(lambda path, query: answer({"message": f"bad key {KEY}"}, 401))
    with pytest.raises(AuthenticationError, match=r"refused the API key \(HTTP 401\)") as caught:
        ask(server.endpoint(), lambda rest: rest.voices())
    assert KEY not in str(caught.value)


def test_a_wrong_key_is_refused_by_the_engine(endpoint: Endpoint) -> None:
    wrong = Endpoint(endpoint.base_url, endpoint.websocket_url, Secret(KEY))
    with pytest.raises(AuthenticationError, match="401"):
        ask(wrong, lambda rest: rest.voices())


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_a_refusal_carries_the_servers_fields_and_not_the_key(
    serving: Serving, status: int
) -> None:
    body = {
        "title": "No",
        "message": f"Not with {KEY}.",
        "error_code": "nope",
        "request_id": "r1",
        "doc_url": "https://docs.example",
    }
    server = serving(lambda path, query: answer(body, status))
    with pytest.raises(ServerError, match=rf"\(HTTP {status}\): No: Not with \*\*\*\.") as caught:
        ask(server.endpoint(), lambda rest: rest.voices())
    error = caught.value
    assert (error.status_code, error.error_code) == (status, "nope")
    assert (error.request_id, error.doc_url) == ("r1", "https://docs.example")
    # What may pass is tried once more, and no more than that.
    assert len(server.asked) == (2 if status in (429, 500, 503) else 1)


def test_a_fault_that_passes_is_not_noticed(serving: Serving) -> None:
    well = listed(3)

    def respond(path: str, query: Query) -> Answer:
        return well(path, query) if len(server.asked) > 1 else answer({}, 503)

    server = serving(respond)
    assert len(ask(server.endpoint(), lambda rest: rest.voices())) == 3


def test_a_server_that_asks_to_wait_for_longer_than_the_bound_is_told_as_that(
    serving: Serving,
) -> None:
    server = serving(lambda path, query: answer({}, 429, **{"Retry-After": "50"}))
    with pytest.raises(ServerError, match=r"\(HTTP 429\) and was not ready again within 0.5 s"):
        ask(server.endpoint(), lambda rest: rest.voices(), timeout=0.5)


def test_a_server_that_never_answers_is_given_up(serving: Serving) -> None:
    free = threading.Event()

    def respond(path: str, query: Query) -> Answer:
        free.wait(20)
        return answer({})

    server = serving(respond)
    try:
        with pytest.raises(ConnectError, match=r"did not answer within 0\.3 s"):
            ask(server.endpoint(), lambda rest: rest.voices(), timeout=0.3)
        assert len(server.asked) == 1
    finally:
        free.set()


def test_no_server_is_told_with_its_address() -> None:
    server = Server(listed(0))
    server.close()
    with pytest.raises(ConnectError, match=f"No server answers at {server.url}"):
        ask(server.endpoint(), lambda rest: rest.voices())


@pytest.mark.parametrize("key", ["two words", "line\nend", "schlüssel", "tab\t"])
def test_a_key_that_no_header_can_carry_is_refused_unseen(serving: Serving, key: str) -> None:
    server = serving(listed(1))
    with pytest.raises(AuthenticationError, match="characters that no key has") as caught:
        ask(server.endpoint(key), lambda rest: rest.voices())
    assert key not in str(caught.value)
    assert not server.asked


def test_another_endpoint_gets_another_client_and_the_same_keeps_it(serving: Serving) -> None:
    first, second = serving(listed(1)), serving(listed(2))
    where = [first.endpoint()]

    async def talk() -> None:
        made = Rest(lambda: asking(where[0])(), 10)
        assert len(await made.voices()) == 1
        client = made._open[1] if made._open else None
        assert client is not None
        assert len(await made.voices()) == 1
        assert made._open is not None and made._open[1] is client
        where[0] = second.endpoint()
        assert len(await made.voices()) == 2
        assert client.is_closed()
        await made.close()
        with pytest.raises(ConnectError, match="closed"):
            await made.voices()

    loops.finish(talk(), 20)


def test_an_engine_that_was_restarted_is_found_again() -> None:
    engine = EngineProcess(fast=True)

    async def where() -> Endpoint:
        return Endpoint(engine.url, engine.websocket_url, Secret(engine.api_key))

    async def talk() -> None:
        loop = asyncio.get_running_loop()
        made = Rest(where, 10)
        await loop.run_in_executor(None, engine.start)
        before = await made.voices(query="scottish")
        await loop.run_in_executor(None, engine.stop)
        await loop.run_in_executor(None, engine.start)
        assert [row.id for row in await made.voices(query="scottish")] == [r.id for r in before]
        await made.close()

    try:
        loops.finish(talk(), 40)
    finally:
        engine.stop()


def test_a_proxy_of_the_environment_does_not_come_between_us_and_this_machine(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert ask(endpoint, lambda rest: rest.voices(query="scottish"))


def test_no_log_shows_the_key_or_a_token(endpoint: Endpoint, serving: Serving) -> None:
    """The SDK, httpx and httpcore at their most talkative."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        token = ask(endpoint, lambda rest: rest.access_token(60))
        ask(endpoint, lambda rest: rest.voices(query="scottish"))
        refusing = serving(lambda path, query: answer({"message": KEY}, 500))
        with pytest.raises(ServerError):
            ask(refusing.endpoint(), lambda rest: rest.voices())
        closed = Server(listed(0))
        closed.close()
        with pytest.raises(ConnectError):
            ask(closed.endpoint(), lambda rest: rest.voices())
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    said = stream.getvalue()
    assert "Sending HTTP Request" in said and "httpcore" in repr(logging.root.manager.loggerDict)
    for secret in (endpoint.key.reveal(), token.reveal(), KEY):
        assert secret not in said
