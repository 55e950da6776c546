"""Talking to a server in the protocol's own words, without the SDK's help."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from cartesia import AsyncCartesia, Cartesia
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from cartesia_nb.protocol.limits import API_VERSION

Event = dict[str, object]

QUICK = "The quick brown fox jumps over the lazy dog."
"""Some 30 chunks."""

PATIENCE = 15.0
"""Seconds to wait for anything before a test fails."""


@dataclass(frozen=True)
class Server:
    """Where a server is, and a key that it accepts.

    What it sends says which version of the protocol it means; the SDK does so by itself.
    Source: https://docs.cartesia.ai/api-reference, "Always send a Cartesia-Version header".
    """

    url: str
    key: str = field(repr=False)
    """Not shown: a failed test prints its arguments."""

    @property
    def websocket_url(self) -> str:
        return self.url.replace("http", "ws", 1)

    def client(self) -> Cartesia:
        return Cartesia(api_key=self.key, base_url=self.url, websocket_base_url=self.websocket_url)

    def async_client(self) -> AsyncCartesia:
        return AsyncCartesia(
            api_key=self.key, base_url=self.url, websocket_base_url=self.websocket_url
        )

    def http(self, **headers: str) -> httpx.Client:
        """A plain client with the key; a header given as empty is left out."""
        sent = self._headers | headers
        return httpx.Client(
            base_url=self.url,
            headers={name: value for name, value in sent.items() if value},
            timeout=PATIENCE,
            trust_env=False,
        )

    @contextmanager
    def socket(self) -> Iterator[Connection]:
        with connect(
            f"{self.websocket_url}/tts/websocket",
            additional_headers=self._headers,
            max_size=None,
            proxy=None,
        ) as socket:
            yield socket

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Cartesia-Version": API_VERSION}

    def control(self, **settings: object) -> Event:
        """Change the engine's settings; gives settings and counters."""
        with self.http() as http:
            answer = http.post("/engine/control", json=settings)
            answer.raise_for_status()
            state: Event = answer.json()
            return state


def request(transcript: str, context_id: str = "a", **fields: object) -> Event:
    """A request to speak; ``None`` leaves a field out. ``then=True`` means ``continue``."""
    whole: Event = {
        "context_id": context_id,
        "model_id": "sonic-3.5",
        "transcript": transcript,
        "voice": {"mode": "id", "id": "f786b574-daa5-4673-aa0c-cbe3e8534c02"},
        "output_format": output("pcm_s16le", 22050),
        "language": "en",
        "max_buffer_delay_ms": 3000,
    } | fields
    if "then" in whole:
        whole["continue"] = whole.pop("then")
    return {name: value for name, value in whole.items() if value is not None}


def output(encoding: str, sample_rate: int, container: str = "raw") -> Event:
    return {"container": container, "encoding": encoding, "sample_rate": sample_rate}


def receive(socket: Connection) -> Event:
    event: Event = json.loads(socket.recv(timeout=PATIENCE))
    return event


def receive_until(socket: Connection, *kinds: str, contexts: int = 1) -> list[Event]:
    """Events up to the last of ``contexts`` events of one of these types, with it."""
    events: list[Event] = []
    while contexts:
        events.append(receive(socket))
        contexts -= events[-1]["type"] in kinds
    return events


def converse(server: Server, *messages: Event, contexts: int = 1) -> list[Event]:
    """Send on a socket of its own; gives all events until every context ended or failed."""
    with server.socket() as socket:
        for message in messages:
            socket.send(json.dumps(message))
        return receive_until(socket, "done", "error", contexts=contexts)


def streamed(server: Server, message: Event) -> list[Event]:
    """All events of ``/tts/sse``; where a type stands before the data, it is the same."""
    events: list[Event] = []
    kind: str | None = None
    with server.http() as http, http.stream("POST", "/tts/sse", json=message) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                events.append(json.loads(value))
                assert kind in (events[-1]["type"], None)
            else:
                assert not line
    return events


def audio(events: Iterable[Event], context_id: str | None = None) -> bytes:
    """The PCM of a context, or of all."""
    return b"".join(
        base64.b64decode(str(event["data"]))
        for event in events
        if event["type"] == "chunk" and context_id in (None, event["context_id"])
    )


def timed(events: Iterable[Event], kind: str = "word") -> list[tuple[str, float, float]]:
    """Words or phonemes with start and end."""
    name = "words" if kind == "word" else "phonemes"
    result: list[tuple[str, float, float]] = []
    for event in events:
        stamps = event.get(f"{kind}_timestamps")
        if isinstance(stamps, dict):
            result += zip(stamps[name], stamps["start"], stamps["end"], strict=True)
    return result


def speak(socket: Connection, text: str = QUICK, context_id: str = "a", **fields: object) -> None:
    socket.send(json.dumps(request(text, context_id, **fields)))


def until_closed(socket: Connection) -> tuple[list[Event], ConnectionClosed]:
    """All events, and how the socket ended."""
    events: list[Event] = []
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            events.append(receive(socket))
    return events, caught.value


def spoken(server: Server, **fields: object) -> list[Event]:
    """All that one context gives, on a socket of its own."""
    with server.socket() as socket:
        speak(socket, **fields)  # type: ignore[arg-type]  # none of these is text or an id
        return receive_until(socket, "done")


def spoken_frames(server: Server) -> None:
    """Speak, whatever comes, up to done."""
    with server.socket() as socket:
        speak(socket, "Short.")
        while '"type": "done"' not in str(socket.recv(timeout=PATIENCE)):
            pass


def kinds(events: list[Event]) -> list[object]:
    return [event["type"] for event in events]


def struck(server: Server) -> int:
    """How often any fault has struck."""
    with server.http() as http:
        counts: dict[str, int] = http.get("/engine/faults").json()["struck"]
    return sum(counts.values())


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Until it holds; fails after ``PATIENCE``."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"never came about: {what}"
        time.sleep(0.02)
