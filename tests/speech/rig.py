"""The router with a clock and a server of the test's own: no socket, no thread, no waiting.

What the router sends lies in a link's ``up`` until the server is told to take it; what the server
says lies in its ``down`` until it is delivered: so things can cross on the way.
"""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cartesia.lib._tts import AsyncTTSResourceConnection
from cartesia.types.websocket_response import WebsocketResponse

from cartesia_nb.errors import CartesiaNbError, ConnectionLostError
from cartesia_nb.protocol.limits import CONTEXT_LINGER_S
from cartesia_nb.speech import backend
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.line import Link
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.route import Outgoing, Phase, Route
from cartesia_nb.speech.router import Router
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.steps import Cancel, Close, Connect, Ping, Send

Event = dict[str, object]

BOUNDS: Final = Bounds(connect=10, alive=3, first_audio=12, silence=9, busy=20, close=2, idle=240)
PCM: Final = b"\x00\x01\x02\x03" * 10

CHUNKS: Final = 3
"""Chunks of audio for each speakable text."""


def phase(route: Route) -> Phase:
    """Where it stands now: a type checker takes an attribute for what it was before."""
    return route.phase


def parsed(event: Event) -> WebsocketResponse:
    """The event as the SDK parses it off the wire."""
    parser = AsyncTTSResourceConnection.__new__(AsyncTTSResourceConnection)
    return parser.parse_event(json.dumps(event))


def chunk(context_id: str, pcm: bytes) -> Event:
    data = base64.b64encode(pcm).decode()
    return {
        "type": "chunk",
        "context_id": context_id,
        "data": data,
        "done": False,
        "step_time": 3.0,
        "status_code": 206,
    }


def done(context_id: str) -> Event:
    return {"type": "done", "context_id": context_id, "done": True, "status_code": 200}


def words(context_id: str, *texts: str, start: float = 0.0) -> Event:
    times = [start + 0.1 * index for index in range(len(texts) + 1)]
    return {
        "type": "timestamps",
        "context_id": context_id,
        "done": False,
        "status_code": 206,
        "word_timestamps": {"words": list(texts), "start": times[:-1], "end": times[1:]},
    }


def error(context_id: str | None, status: int = 500, code: str = "internal") -> Event:
    event: Event = {"type": "error", "done": True, "status_code": status, "error_code": code}
    return event if context_id is None else event | {"context_id": context_id}


def busy(context_id: str | None) -> Event:
    return error(context_id, 429, "concurrency_limited")


def payload(context_id: str, text: str, index: int) -> bytes:
    """Audio that says where it belongs; a multiple of four bytes."""
    mark = f"[{context_id}|{text}|{index}]".encode()
    return mark + b" " * (-len(mark) % 4)


@dataclass
class Heard:
    """A context as the server sees it."""

    owed: deque[Event] = field(default_factory=deque)
    ended: bool = False
    quiet_since: float = 0.0
    flushes: int = 0


@dataclass
class Wire:
    """Both directions of a socket, and the contexts behind it."""

    up: deque[Event] = field(default_factory=deque)
    down: deque[Event] = field(default_factory=deque)
    contexts: dict[str, Heard] = field(default_factory=dict)
    open: bool = True
    deaf: bool = False
    """It answers no ping."""


class Rig:
    """A router, its clock, and what is at the other end."""

    def __init__(self, max_contexts: int = 2, bounds: Bounds = BOUNDS) -> None:
        self.now = 1000.0
        self.router = Router(bounds, max_contexts)
        self.wires: dict[Link, Wire] = {}
        self.connects = 0
        self.online: Callable[[], CartesiaNbError | None] = lambda: None
        """Why a try to connect fails now, or ``None``."""
        self.final = False
        self.hangs = False
        """Whether a try that fails does so only at the end of its time."""
        self._hanging: tuple[float, CartesiaNbError] | None = None
        self.room: int | None = None
        """How many contexts the server has room for."""
        self.cancelled: list[str] = []
        self.sent: list[Event] = []

    # --- the client ------------------------------------------------------------------------------

    def context(self, name: str, **settings: object) -> Route:
        route = Route(Recording(Settings.of(**settings), backend.ENGINE, context_id=name))
        self.router.add(route)
        return route

    def put(self, route: Route, text: str = "", kind: str = "text", **more: object) -> None:
        sent = more.get("sent")
        message = (
            Outgoing(kind, text, sent)  # type: ignore[arg-type]  # a test's own words
            if callable(sent)
            else Outgoing(kind, text)  # type: ignore[arg-type]  # a test's own words
        )
        self.router.put(route, message, self.now)
        self.go()

    def say(self, name: str, text: str = "Hello.", **settings: object) -> Route:
        route = self.context(name, **settings)
        self.put(route, text, "last")
        return route

    def cancel(self, route: Route) -> None:
        self.router.cancel(route, self.now)
        self.go()

    def go(self) -> None:
        """Take the router's steps until there are none."""
        while True:
            steps = self.router.steps()
            if not steps:
                return
            for step in steps:
                self._take(step)

    def _take(self, step: object) -> None:
        if isinstance(step, Connect):
            self.connects += 1
            self.router.line.dialling(self.now)
            failure = self.online()
            if failure is not None and self.hangs:
                self._hanging = self.now + step.timeout, failure
            elif failure is None:
                # The steps that opening gives may name the link at once.
                self.wires[self.router.opened(self.now)] = Wire()
            else:
                self.router.refused(failure, self.now, final=self.final)
        elif isinstance(step, Send):
            wire = self.router.sending(step, self.now)
            if wire is not None:
                event: Event = {**wire}
                self.sent.append(event)
                self.wires[step.link].up.append(event)
            step.message.sent()
        elif isinstance(step, Cancel):
            self.cancelled.append(step.context_id)
            self.wires[step.link].up.append({"context_id": step.context_id, "cancel": True})
        elif isinstance(step, Ping):
            if not self.wires[step.link].deaf:
                step.link.alive(self.now)
        else:
            assert isinstance(step, Close)
            self.wires[step.link].open = False

    # --- time ------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Let time pass, with a tick whenever the router asked for one."""
        end = self.now + seconds
        for _ in range(100_000):
            due = self.router.due(self.now)
            hanging = self._hanging
            if hanging is not None and (due is None or hanging[0] <= due):
                due = hanging[0]
            if due is None or due > end:
                break
            self.now = max(self.now, due)
            if hanging is not None and hanging[0] <= self.now:
                self._hanging = None
                self.router.refused(hanging[1], self.now, final=self.final)
            self.router.tick(self.now)
            self.go()
        else:
            raise AssertionError(f"The router asks to be called again and again at {self.now}.")
        self.now = end

    # --- the server ------------------------------------------------------------------------------

    @property
    def link(self) -> Link:
        """The socket opened last."""
        return next(reversed(self.wires))

    @property
    def wire(self) -> Wire:
        return self.wires[self.link]

    def get(self, event: Event, link: Link | None = None) -> None:
        """The server's message arrives."""
        self.router.handle(link or self.link, parsed(event), self.now)
        self.go()

    def lose(
        self,
        link: Link | None = None,
        reason: str = "The connection was lost.",
        code: int | None = None,
    ) -> None:
        link = link or self.link
        self.wires[link].open = False
        self.router.lost(link, ConnectionLostError(reason, code=code), self.now)
        self.go()

    def serve(self, link: Link) -> None:
        """The server takes one message of the client."""
        wire = self.wires[link]
        message = wire.up.popleft()
        name = str(message["context_id"])
        known = wire.contexts.get(name)
        if message.get("cancel"):
            if known is not None:
                del wire.contexts[name]
                wire.down.append(done(name))
            return
        if known is None:
            if self.room is not None and self.running >= self.room:
                wire.down.append(busy(name))
                return
            known = wire.contexts[name] = Heard(quiet_since=self.now)
        elif known.ended:
            wire.down.append(error(name, 400, "context_closed"))
            return
        self._speak(known, name, message)

    def _speak(self, known: Heard, name: str, message: Event) -> None:
        text = str(message["transcript"])
        if any(map(str.isalnum, text)):
            known.owed.append(words(name, text))
            known.owed.extend(chunk(name, payload(name, text, at)) for at in range(CHUNKS))
        if message.get("flush"):
            known.flushes += 1
            known.owed.append(
                {
                    "type": "flush_done",
                    "context_id": name,
                    "flush_id": known.flushes,
                    "flush_done": True,
                    "done": False,
                    "status_code": 206,
                }
            )
        known.ended = not message["continue"]

    @property
    def running(self) -> int:
        """Contexts that the server is at, on sockets that are open."""
        return sum(len(wire.contexts) for wire in self.wires.values() if wire.open)

    def work(self, link: Link, name: str) -> bool:
        """The server says the next thing of a context; whether there was one."""
        wire = self.wires[link]
        known = wire.contexts[name]
        if known.owed:
            wire.down.append(known.owed.popleft())
            known.quiet_since = self.now
            return True
        if known.ended or self.now - known.quiet_since >= CONTEXT_LINGER_S:
            del wire.contexts[name]
            wire.down.append(done(name))
            return True
        return False

    def deliver(self, link: Link) -> None:
        """The oldest message on the way arrives."""
        event = self.wires[link].down.popleft()
        if self.wires[link].open:
            self.get(event, link)

    def settle(self) -> None:
        """Everything on its way arrives, and the server says all that it owes."""
        for _ in range(100_000):
            busy = False
            for link, wire in list(self.wires.items()):
                if not wire.open:
                    continue
                while wire.up:
                    self.serve(link)
                    busy = True
                for name in list(wire.contexts):
                    busy = self.work(link, name) or busy
                while wire.down and wire.open:
                    self.deliver(link)
                    busy = True
            if not busy:
                return
        raise AssertionError("The server never comes to an end.")
