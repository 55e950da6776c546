"""What happens to contexts: which message means what for which, and what is to be done next.

No I/O: messages, losses and the time (seconds of any monotonic clock) are passed in; what to do
comes out as steps. The rules are Cartesia's, and what its clients have met with:

- A context is complete on ``done`` alone. A socket's normal close says nothing.
- An error with a ``context_id`` ends that context. One without concerns all contexts of the
  socket, because in an error only ``type`` and ``done`` are sure to be there.
- After a lost socket a context without audio is sent again whole, on another; one with audio
  fails with what it has. Nothing is ever spliced.
- 429 means "no room now": a context without audio waits and is tried again, within a bound.
"""

from __future__ import annotations

from functools import partial
from typing import Final
from weakref import WeakSet

from cartesia.types.websocket_response import WebsocketResponse

from cartesia_nb.errors import CartesiaNbError, ConnectionLostError, ServerError
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.line import QUIET_S, Line, Link
from cartesia_nb.speech.places import Places
from cartesia_nb.speech.refusal import server_error
from cartesia_nb.speech.route import Outgoing, Phase, Route
from cartesia_nb.speech.settings import Json
from cartesia_nb.speech.steps import Cancel, Close, Connect, Ping, Send, Step

SENDS: Final = 3
"""How often a context's text is sent at most, while no audio comes of it."""

NO_ROOM: Final = 429


class Router:
    """The contexts of one connection, and its socket. For the network loop alone.

    After every call, ``steps()`` says what is to be done, and ``due`` when to call ``tick``.

    Args:
        bounds: how long things may take.
        max_contexts: contexts in flight at once; more wait their turn, in order.
    """

    def __init__(self, bounds: Bounds, max_contexts: int) -> None:
        self.bounds = bounds
        self.places = Places(max_contexts)
        self.line = Line(bounds)
        self._routes: dict[str, Route] = {}  # by wire id: those that are on a socket
        self._links: list[Link] = []
        self._steps: list[Step] = []
        self._made: WeakSet[Route] = WeakSet()  # for as long as somebody can still say more
        self._joined: list[Route] = []  # since the last look, those that may have to wait

    def __len__(self) -> int:
        """Contexts that the server has to do with, or that wait."""
        return len(self.places.taken) + len(self.places.queue)

    def steps(self) -> list[Step]:
        """What is to be done now, in order; each is given once."""
        steps, self._steps = self._steps, []
        return steps

    # --- from the contexts -----------------------------------------------------------------------

    def add(self, route: Route) -> None:
        """A context was made, of which nothing was said yet."""
        self._made.add(route)

    def put(self, route: Route, message: Outgoing, now: float) -> None:
        """Another message of a context; the first one makes it wait for its place."""
        if route.recording.ended or route.phase is Phase.OVER:
            message.sent()
            return
        if message.text:
            route.recording.add_text(message.text)
        route.give(message)
        if route.phase in (Phase.NEW, Phase.LAPSED):
            if route.complete(message):
                # Nothing was asked for, or all of it has come.
                self._over(route, now)
                route.end("done", now)
                message.sent()
            else:
                self._queue(route)
        self._advance(now)

    def cancel(self, route: Route, now: float) -> None:
        """A context is not wanted any more; what still comes for it is dropped.

        Its place is given back when the server is done with it, or after ``bounds.close``.
        """
        route.end("cancelled", now)
        self._leave(route, now)
        self._advance(now)

    def warm(self, now: float) -> None:
        """Have a socket, and keep one for a while, before any context needs it."""
        self.line.want(now)
        self.line.hurry()
        self._advance(now)

    def close(self, now: float) -> None:
        """End everything."""
        self.line.give_up()
        for route in list(self._made):
            route.end("cancelled", now)
            self._over(route, now)
        for link in list(self._links):
            self._drop(link, now)

    # --- from the sockets ------------------------------------------------------------------------

    def opened(self, now: float) -> Link:
        """A try to connect gave a socket."""
        link = self.line.opened(now)
        self._links.append(link)
        self._advance(now)
        return link

    def refused(self, error: CartesiaNbError, now: float, *, final: bool) -> None:
        """A try to connect failed; with ``final``, another would fail in the same way."""
        self.line.refused(error, now)
        if final:
            self.line.give_up()
            for route in (*self.places.taken, *self.places.queue):
                if route.phase in (Phase.READY, Phase.QUEUED):
                    self._fail(route, error, now)
        self._advance(now)

    def lost(self, link: Link, error: CartesiaNbError, now: float) -> None:
        """A socket is closed, or of no use any more. Harmless when that is known."""
        if link not in self._links:
            return
        self._drop(link, now)
        for route in self._on(link):
            self._stranded(route, error, now)
        self._advance(now)

    def sending(self, step: Send, now: float) -> dict[str, Json] | None:
        """What goes over the wire for a step, now; ``None`` if nothing is to be sent any more."""
        route = step.route
        # Another life may have begun since, on the same socket: it is sent its own text.
        if route.phase is not Phase.OPEN or route.wire_id != step.wire_id:
            return None
        step.link.unheard += len(step.message.text)
        return route.sending(step.message, now)

    def handle(self, link: Link, event: WebsocketResponse, now: float) -> None:
        """Take a message in. Unknown types are ignored, as are contexts that are not ours."""
        if link not in self._links:
            return
        link.alive(now)
        # An unknown type is parsed into the SDK's Chunk class, so the name decides.
        kind = event.type
        context_id = getattr(event, "context_id", None)
        route = self._routes.get(context_id) if isinstance(context_id, str) else None
        if route is not None and route.link is not link:
            route = None
        if kind == "error" and (route is not None or context_id is None):
            self._error(link, route, server_error(event), now)
        elif route is not None and kind == "done":
            self._done(route, now)
        elif route is not None:
            self._apply(route, event, now)
        elif kind == "chunk" and not isinstance(context_id, str):
            # It may be anybody's: to go on would be to lose it in silence.
            unnamed = "The server sent audio that names no context. What came before is kept."
            self.lost(link, ConnectionLostError(unnamed), now)
        self._advance(now)

    def _apply(self, route: Route, event: WebsocketResponse, now: float) -> None:
        fresh = route.fresh
        try:
            route.apply(event, now)
        except (TypeError, ValueError) as fault:
            reason = f"The server sent a chunk whose audio can't be read ({fault})."
            self._fail(route, ConnectionLostError(f"{reason} What came before is kept."), now)
            return
        if fresh and not route.fresh:
            self.places.accepted()
            self.line.proved()

    def _done(self, route: Route, now: float) -> None:
        self.line.proved()
        if route.phase is Phase.LEAVING:
            self._over(route, now)
        elif route.done():
            self._disown(route, not route.inputs_done)
            self._over(route, now)
            route.end("done", now)
        elif not route.crossed:
            self._disown(route, True)
            self._off(route)
            self.places.leave(route)
            route.lapse()
            if route.has_more:
                self._queue(route)
        else:
            route.last_event = now

    def _error(self, link: Link, route: Route | None, error: ServerError, now: float) -> None:
        if route is not None:
            # The server is done with it, but may take what crossed for the beginning of another.
            self._disown(route, route.sent > 1)
            if not self._again(route, error, now):
                self._over(route, now)
                route.end("failed", now, error)
            return
        if error.status_code != NO_ROOM:
            self.line.retire(link)
        for each in self._on(link):
            # With 429 too it may be about one that speaks: if the server has let go of that, its
            # next text would begin another context there, and be spliced on.
            if each.fresh and error.status_code == NO_ROOM:
                self._disown(each, True)
            if not self._again(each, error, now):
                self._fail(each, error, now)

    def _again(self, route: Route, error: ServerError, now: float) -> bool:
        """Have a context wait for room at the server; whether that is the thing to do."""
        if error.status_code != NO_ROOM or not route.fresh or route.recording.ended:
            return False
        since = now if route.busy_since is None else route.busy_since
        if now - since >= self.bounds.busy:
            tried = error.after(f"Tried again for {now - since:.0f} s.")
            route.end("failed", now, tried)
            return False
        route.busy_since = since
        self._off(route)
        route.anew()
        route.sends = 0
        self.places.refused(route, now)
        self._queue(route)
        return True

    # --- time ------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Time has passed: end what is overdue, begin what was waiting."""
        for route in list(self._routes.values()):
            due = route.due(self.bounds)
            if due is not None and due <= now:
                self._overdue(route, now)
        for link in list(self._links):
            if link.pinged is not None and now >= link.lost_at(self.bounds, link.pinged):
                silent = f"The connection gave no sign of life for {now - link.heard:.0f} s"
                self.lost(link, ConnectionLostError(f"{silent}. What came is kept."), now)
        for route in list(self.places.taken):
            if route.phase is Phase.READY:
                error = self.line.overdue(route.since, now)
                if error is not None:
                    self._fail(route, error, now)
        self._advance(now)

    def due(self, now: float) -> float | None:
        """When ``tick`` is to be called if nothing happens before; ``None``: not at all."""
        moments = [route.due(self.bounds) for route in self._routes.values()]
        ready = [r for r in self.places.taken if r.phase is Phase.READY]
        moments += [self.line.due(route.since) for route in ready]
        moments.append(self.places.due)
        if ready or self.line.keep(now):
            moments.append(self.line.retry_at)
        moments += [link.due(self.bounds, bool(self._on(link))) for link in self._links]
        return min((moment for moment in moments if moment is not None), default=None)

    def _overdue(self, route: Route, now: float) -> None:
        if route.phase is Phase.LEAVING:
            self._over(route, now)
            return
        if route.link is not None:
            # It may be half dead: sends succeed and audio never comes.
            self.line.retire(route.link)
        self._fail(route, route.silence(now), now)

    # --- what follows ----------------------------------------------------------------------------

    def _advance(self, now: float) -> None:
        for link in list(self._links):
            self._tend(link, now)
        while (route := self.places.next(now)) is not None:
            route.recording.queue(None)
            self._ready(route, now)
        for each in self._joined:
            if each.phase is Phase.QUEUED:  # else it need not wait, and nobody need hear of it
                each.recording.queue(partial(self.places.before, each))
        self._joined.clear()
        ready = sorted(
            (each for each in self.places.taken if each.phase is Phase.READY),
            key=lambda each: each.order,
        )
        if ready:
            self.line.want(now)
            self.line.hurry()
        if (ready or self.line.keep(now)) and self.line.try_now(now):
            self._steps.append(Connect(self.line.attempt_s()))
        if self.line.link is not None:
            for route in ready:
                self._begin(route, self.line.link, now)
        for route in list(self.places.taken):
            self._send(route, now)

    def _begin(self, route: Route, link: Link, now: float) -> None:
        route.begin(link, now, self._routes)
        self._routes[route.wire_id] = route
        if now - link.heard > QUIET_S:
            self._ping(link, now)

    def _send(self, route: Route, now: float) -> None:
        link = route.link
        while link is not None and (message := route.next()) is not None:
            if route.complete(message):
                self._over(route, now)
                route.end("done", now)
                message.sent()
                return
            self._steps.append(Send(link, route, route.wire_id, message))

    def _tend(self, link: Link, now: float) -> None:
        """Ping a socket that is quiet, and part with one that is of no more use."""
        if self._on(link):
            link.used = now
            self.line.want(now)
            if now >= link.heard + self.bounds.alive:
                self._ping(link, now)
        elif link.retired or now >= link.used + self.bounds.idle:
            self._drop(link, now)

    def _ping(self, link: Link, now: float) -> None:
        if link.pinged is None:
            link.pinged = now
            self._steps.append(Ping(link))

    def _queue(self, route: Route) -> None:
        route.phase = Phase.QUEUED
        self.places.join(route)
        self._joined.append(route)

    def _ready(self, route: Route, now: float) -> None:
        route.phase, route.since = Phase.READY, self.line.clock(now)
        route.cold = self.line.link is None

    def _stranded(self, route: Route, error: CartesiaNbError, now: float) -> None:
        """The socket under a context is lost."""
        if not route.resendable(error):
            self._over(route, now)
            route.end("failed", now, error)
        elif route.sends >= SENDS:
            self._over(route, now)
            what = f"{error} Its text was sent {route.sends} times, and no audio came."
            route.end("failed", now, ConnectionLostError(what))
        else:
            self._off(route)
            route.anew()
            self._ready(route, now)

    def _fail(self, route: Route, error: CartesiaNbError, now: float) -> None:
        """End a context with an error found here; the server may still be at it."""
        route.end("failed", now, error)
        self._leave(route, now)

    def _leave(self, route: Route, now: float) -> None:
        """A context ended here: have the server stop, and wait for its last word."""
        route.drop_text()
        if route.phase is Phase.OPEN and route.link is not None and route.sent:
            self._steps.append(Cancel(route.link, route.wire_id))
            route.phase, route.last_event = Phase.LEAVING, now
        elif route.phase is not Phase.LEAVING:
            self._over(route, now)

    def _disown(self, route: Route, crossed: bool) -> None:
        """What crossed with the server's last word may have begun another context, for nobody."""
        if crossed and route.link is not None:
            self._steps.append(Cancel(route.link, route.wire_id))

    def _over(self, route: Route, now: float) -> None:
        """The server is done with a context: its place is free."""
        self._off(route)
        route.phase = Phase.OVER
        route.link = None
        route.recording.queue(None)
        route.drop_text()
        self.places.leave(route)

    def _off(self, route: Route) -> None:
        if self._routes.get(route.wire_id) is route:
            del self._routes[route.wire_id]

    def _on(self, link: Link) -> list[Route]:
        return [route for route in self._routes.values() if route.link is link]

    def _drop(self, link: Link, now: float) -> None:
        self._links.remove(link)
        self.line.gone(link, now)
        self._steps.append(Close(link))
