"""What a message means for which context: no I/O, time passed in.

The rules are Cartesia's: a context is complete on ``done`` alone; an error with a
``context_id`` ends that context; anything without an owner that is an error concerns all
contexts of the socket, because in an error only ``type`` and ``done`` are sure to be there.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cartesia.types.websocket_response import WebsocketResponse

from cartesia_nb.errors import CartesiaNbError, ConnectionLostError, ServerError
from cartesia_nb.protocol import limits
from cartesia_nb.speech.recording import Recording, State, Word


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How long things may take, in seconds.

    Attributes:
        connect: to open the socket, the handshake included.
        first_audio: from when the server has the text to its first audio.
        silence: between two messages of a context that is not yet complete.
        close: to close the socket, and for the last word on a cancelled context.
    """

    connect: float = 10.0
    first_audio: float = 15.0
    silence: float = 15.0
    close: float = 2.0


class Route:
    """One context as the router sees it."""

    def __init__(self, recording: Recording, on_closed: Callable[[], None]) -> None:
        self.recording = recording
        self.on_closed = on_closed
        self.inputs_done = False
        self.unanswered = False
        """Text was sent since the server's last ``done``."""
        self.last_event: float | None = None
        self.closed = False


class Router:
    """Brings each message to its context's recording. For the network loop alone."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._routes: dict[str, Route] = {}

    def __len__(self) -> int:
        return len(self._routes)

    def open(self, recording: Recording, on_closed: Callable[[], None]) -> Route:
        """Register a context; ``on_closed`` is called once, when the server is done with it."""
        route = Route(recording, on_closed)
        self._routes[recording.id] = route
        return route

    def sent(self, route: Route, text: str, *, last: bool, now: float) -> None:
        """A message of the context was sent."""
        route.last_event = now
        if text or not last:
            route.unanswered = True
        if last:
            route.inputs_done = True
        timeline = route.recording.timeline
        if text:
            timeline.requested = now if timeline.requested is None else timeline.requested
            timeline.last_text = now
            route.recording.begin()

    def handle(self, event: WebsocketResponse, now: float) -> None:
        """Take a message in. Unknown types are ignored, as are contexts that are not ours."""
        # An unknown type is parsed into the SDK's Chunk class, so the name decides.
        kind = event.type
        context_id = getattr(event, "context_id", None)
        route = self._routes.get(context_id) if isinstance(context_id, str) else None
        if kind == "error":
            error = server_error(event)
            if route is not None:
                self._close(route, "failed", now, error)
            elif context_id is None:
                self.fail_all(error, now)
            return
        if route is None:
            return
        route.last_event = now
        try:
            self._apply(route, event, now)
        except (AttributeError, TypeError, ValueError, binascii.Error) as fault:
            reason = f"The server sent a {kind!r} message that can't be read ({fault})."
            self._close(route, "failed", now, ConnectionLostError(reason))

    def _apply(self, route: Route, event: WebsocketResponse, now: float) -> None:
        recording = route.recording
        flush_id = getattr(event, "flush_id", None)
        if event.type == "chunk":
            pcm = base64.b64decode(event.data or "", validate=True)
            step = getattr(event, "step_time", None)
            step_time = float(step) if isinstance(step, int | float) else None
            recording.add_audio(pcm, received=now, step_time=step_time, flush_id=flush_id)
        elif event.type == "timestamps" and event.word_timestamps is not None:
            times = event.word_timestamps
            recording.add_words(_words(times.words, times.start, times.end), flush_id)
        elif event.type == "phoneme_timestamps" and event.phoneme_timestamps is not None:
            sounds = event.phoneme_timestamps
            recording.add_phonemes(_words(sounds.phonemes, sounds.start, sounds.end), flush_id)
        elif event.type == "flush_done":
            recording.add_flush_done(event.flush_id)
        elif event.type == "done":
            route.unanswered = False
            # While a source may still give text, the server has only let the context lapse,
            # as it does 1 s after its last audio: the next text opens it again.
            if route.inputs_done or not recording.live:
                self._close(route, "done", now)

    def finish(self, route: Route, now: float) -> None:
        """The context is complete: its text is, and the server owes nothing."""
        self._close(route, "done", now)

    def cancelled(self, route: Route, now: float) -> None:
        """The context was cancelled here; what still comes for it is dropped."""
        route.recording.end("cancelled", now)

    def fail(self, route: Route, error: CartesiaNbError, now: float) -> None:
        """End a context with an error; what was received is kept."""
        self._close(route, "failed", now, error)

    def fail_all(self, error: CartesiaNbError, now: float) -> None:
        """End every context with an error."""
        for route in list(self._routes.values()):
            self._close(route, "failed", now, error)

    def tick(self, now: float) -> float:
        """End what is overdue; the seconds until it is worth looking again."""
        soonest = self.bounds.silence
        for route in list(self._routes.values()):
            due = self._due(route)
            if due is None:
                continue
            if due <= now:
                self._overdue(route, now)
            else:
                soonest = min(soonest, due - now)
        return soonest

    def _due(self, route: Route) -> float | None:
        recording = route.recording
        if route.last_event is None or (recording.live and not route.inputs_done):
            return None  # nothing was sent yet, or the text's own source sets the pace
        if recording.ended:
            # Cancelled: the server may still be finishing, and owes us no last word.
            bound = self.bounds.close
        elif recording.store.size:
            bound = self.bounds.silence
        else:
            bound = self.bounds.first_audio
        if not route.inputs_done and not recording.ended:
            delay_ms = recording.settings.max_buffer_delay_ms
            bound += delay_ms / 1000 + limits.CONTEXT_LINGER_S
        return route.last_event + bound

    def _overdue(self, route: Route, now: float) -> None:
        recording = route.recording
        silent = now - (route.last_event or now)
        if recording.store.size:
            what = f"The server fell silent for {silent:.0f} s in the middle of the speech"
        else:
            what = f"The server sent no audio within {silent:.0f} s"
        advice = (
            "say it again" if route.inputs_done else "call no_more_inputs() after the last push"
        )
        self._close(
            route, "failed", now, ConnectionLostError(f"{what}. What came is kept; {advice}.")
        )

    def _close(
        self, route: Route, state: State, now: float, error: CartesiaNbError | None = None
    ) -> None:
        if route.closed:
            return
        route.closed = True
        self._routes.pop(route.recording.id, None)
        route.recording.end(state, now, error)
        route.on_closed()


def server_error(event: WebsocketResponse) -> ServerError:
    """The server's error event as an exception, with what it says and nothing made up."""
    title = getattr(event, "title", None)
    message = getattr(event, "message", None)
    code = getattr(event, "error_code", None)
    status = getattr(event, "status_code", None)
    said = ": ".join(
        part.rstrip(".") for part in (title, message) if isinstance(part, str) and part
    )
    marks = ", ".join(str(mark) for mark in (status, code) if mark is not None)
    text = f"The server reported an error{f' ({marks})' if marks else ''}"
    return ServerError(
        f"{text}: {said}." if said else f"{text} and gave no reason.",
        status_code=status if isinstance(status, int) else None,
        error_code=code if isinstance(code, str) else None,
        request_id=getattr(event, "request_id", None),
        doc_url=getattr(event, "doc_url", None),
    )


def _words(texts: Sequence[str], starts: Sequence[float], ends: Sequence[float]) -> list[Word]:
    # Not strict: a time that is missing is no reason to lose the speech.
    return [
        Word(str(text), float(start), float(end))
        for text, start, end in zip(texts, starts, ends, strict=False)
    ]
