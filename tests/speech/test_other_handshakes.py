"""What may answer where a server of Cartesia's protocol should: proxies, portals, other servers."""

from __future__ import annotations

import socket as sockets
import threading
from collections.abc import Callable, Iterator

import pytest

from cartesia_nb.errors import AuthenticationError, CartesiaNbError
from cartesia_nb.speech import backend
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.socket import Endpoint
from tests.speech.others import BOUNDS, KEY, connection_to


def _answer_all(listening: sockets.socket, answer: bytes, asked: list[bytes]) -> None:
    """Read each client's request and give it these bytes, until the listening ends."""
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return
        with client:
            request = b""
            while b"\r\n\r\n" not in request and (more := client.recv(4096)):
                request += more
            asked.append(request)
            client.sendall(answer)


@pytest.fixture
def answered() -> Iterator[Callable[[bytes], tuple[int, list[bytes]]]]:
    """Starts a server that gives everyone the same bytes: its port, and what it was asked."""
    listenings: list[sockets.socket] = []

    def start(answer: bytes) -> tuple[int, list[bytes]]:
        listening = sockets.create_server(("127.0.0.1", 0))
        asked: list[bytes] = []
        listenings.append(listening)
        threading.Thread(target=_answer_all, args=(listening, answer, asked), daemon=True).start()
        return listening.getsockname()[1], asked

    yield start
    for listening in listenings:
        listening.close()


def http(status: str, *headers: str, body: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", body]
    return "\r\n".join(lines).encode()


Answered = Callable[[bytes], tuple[int, list[bytes]]]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (http("200 OK", body="hello"), r"no WebSocket server .* \(HTTP 200\)"),
        (http("302 Found"), r"no WebSocket server .* \(HTTP 302\)"),
        (http("301 Moved", "Location: /there"), "sends on to '/there'"),
        (http("307 Moved", f"Location: ws://a.invalid/?{KEY}"), r"sends on to 'ws://a.invalid/\?\*"),
        (http("308 Moved", "Location: ws://[bad"), "sends on to"),
        (http("401 Unauthorized", body=KEY), "refused the API key"),
        (http("402 Payment Required"), "HTTP 402"),
        (http("429 Too Many"), "too many connections"),
        (http("503 Unavailable", "Retry-After: 1"), "HTTP 503"),
        (http("101 Switching Protocols"), "no WebSocket server"),
        (http("101 Switching Protocols", *["A: b"] * 1000), "no WebSocket server"),
        (b"SSH-2.0-OpenSSH_9\r\n", "no WebSocket server"),
        (b"HTTP/1.1 101 Sw", "closed the connection before it answered"),
        (b"", "closed the connection before it answered"),
    ],
)  # fmt: skip
def test_whatever_answers_the_handshake_is_named_in_bounded_time(
    answered: Answered, answer: bytes, says: str
) -> None:
    port, _ = answered(answer)
    with connection_to(port, bounds=Bounds(connect=0.5)) as connection:
        with pytest.raises(CartesiaNbError, match=says) as caught:
            connection.say("Hello.").wait(10)
        assert KEY not in str(caught.value)


def test_the_key_goes_nowhere_else_on_a_servers_word(answered: Answered) -> None:
    elsewhere, asked_there = answered(http("404 Not Found"))
    port, asked = answered(http("307 Moved", f"Location: ws://localhost:{elsewhere}/steal"))
    with connection_to(port) as connection, pytest.raises(CartesiaNbError, match="sends on to"):
        connection.say("Hello.").wait(10)
    assert KEY.encode() in asked[0]
    assert asked_there == []


@pytest.mark.parametrize("key", [KEY + "\n", KEY + "\r\nX-Other: header", f"my {KEY}", "ключ"])
def test_a_key_that_cannot_be_one_is_not_sent(answered: Answered, key: str) -> None:
    port, asked = answered(http("404 Not Found"))
    address = f"127.0.0.1:{port}"
    endpoint = Endpoint(f"http://{address}", f"ws://{address}", Secret(key))
    connection = Connection(endpoint, backend.server(endpoint.base_url), bounds=BOUNDS)
    with connection, pytest.raises(AuthenticationError, match="no key has") as caught:
        connection.say("Hello.").wait(10)
    assert KEY not in str(caught.value)
    assert asked == []


def test_a_handshake_that_dribbles_is_given_up_in_time() -> None:
    over = threading.Event()
    with sockets.create_server(("127.0.0.1", 0)) as listening:

        def dribble() -> None:
            client, _ = listening.accept()
            with client:
                client.sendall(b"HTTP/1.1 101 Switching Protocols\r\n")
                try:
                    while not over.wait(0.01):
                        client.sendall(b"A: b\r\n")
                except ConnectionError:
                    return

        threading.Thread(target=dribble, daemon=True).start()
        port = listening.getsockname()[1]
        connection = connection_to(port, bounds=Bounds(connect=0.5))
        with connection, pytest.raises(CartesiaNbError, match="did not answer within"):
            connection.say("Hello.").wait(10)
        over.set()


@pytest.mark.parametrize("answer", [http("407 Proxy Authentication Required"), b"nonsense\r\n"])
def test_a_proxy_that_refuses_is_said_so_without_its_password(
    answered: Answered, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, asked = answered(answer)
    endpoint = Endpoint("https://tts.invalid", "wss://tts.invalid", Secret(KEY))
    for proxy in (f"http://me:my_password@127.0.0.1:{port}", "http://me:my_password@"):
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy)
        connection = Connection(endpoint, backend.CARTESIA, bounds=BOUNDS)
        with connection, pytest.raises(CartesiaNbError, match="proxy on the way") as caught:
            connection.say("Hello.").wait(10)
        assert "my_password" not in str(caught.value)
    assert asked and asked[0].startswith(b"CONNECT tts.invalid:443 ")
    assert KEY.encode() not in b"".join(asked)


def test_the_sixth_internet_protocols_loopback_is_this_machine() -> None:
    assert Endpoint("http://[::1]:8080", "ws://[::1]:8080", Secret(KEY)).loopback
