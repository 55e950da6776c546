"""One managed WebSocket that carries many contexts. It knows nothing of notebooks."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import threading
import weakref
from collections.abc import Callable
from typing import Final

from cartesia_nb.errors import ConnectError, SettingsError
from cartesia_nb.protocol import limits
from cartesia_nb.speech import loops, sources
from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.context import Context
from cartesia_nb.speech.driver import CLOSED, Driver
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.rest import Rest
from cartesia_nb.speech.route import Outgoing, Route
from cartesia_nb.speech.router import Router
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.settings import Settings, ignored
from cartesia_nb.speech.socket import Endpoint
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.voices import Catalogue, Voices
from cartesia_nb.speech.warn import warn

_log: Final = logging.getLogger(__name__)

MAX_CONTEXTS: Final = 2
"""Contexts in flight at once: what Cartesia's smallest plan allows."""

_open: weakref.WeakSet[Connection] = weakref.WeakSet()


class Connection:
    """A WebSocket, opened when first used, and the contexts on it.

    It may live for days: the socket is replaced before it is idle for too long, and opened again
    after any loss. Every method may be called from any thread, whatever loop runs there; all I/O
    happens on the network loop, where the methods that wait (``open``, ``voices``,
    ``access_token``, ``close``) raise ``RuntimeError``. Use it with ``with``, or ``close()`` it; at
    the end of the process it is closed. In a forked child it counts as closed: make another one
    there.

    A take's bytes are kept once, with about 0.6 kB for each chunk, for as long as somebody holds
    the take; contexts that wait keep their text. Nothing else grows. Whether somebody reads a
    take, and how fast, is nothing to the others.

    Args:
        endpoint: where to connect; or a function that says so, called in a worker thread
            before each connecting (it may start the server).
        backend: who answers there.
        settings: what contexts use unless told otherwise.
        bounds: how long things may take.
        max_contexts: contexts in flight at once, 1 or more: what your plan allows. More wait
            their turn, in order.

    Raises:
        SettingsError: ``max_contexts`` is no such number.
    """

    def __init__(
        self,
        endpoint: Endpoint | Callable[[], Endpoint],
        backend: Backend,
        *,
        settings: Settings | None = None,
        bounds: Bounds | None = None,
        max_contexts: int = MAX_CONTEXTS,
    ) -> None:
        limit: object = max_contexts
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise SettingsError(f"max_contexts is {limit!r}; it takes a whole number, 1 or more.")
        self.backend = backend
        self.settings = settings if settings is not None else Settings()
        self.bounds = bounds if bounds is not None else Bounds()
        self._router = Router(self.bounds, max_contexts)
        self._lock = threading.Lock()
        self._spenders: tuple[Callable[[], None], ...] = ()
        self._driver = Driver(endpoint, self.bounds, self._router, spent=self._spent)
        self._rest = Rest(self._driver.where, self.bounds.connect)
        self._catalogue = Catalogue(self._rest.voices)
        self._told: set[str] = set()
        self._closed = False
        _open.add(self)

    @property
    def max_contexts(self) -> int:
        """Contexts in flight at once; more wait their turn."""
        return self._router.places.limit

    @property
    def waiting(self) -> int:
        """Contexts that wait for their turn."""
        return len(self._router.places.queue)

    @property
    def characters(self) -> int:
        """Characters (code points) of all text that was sent to the server, by whatever context.

        Text that had to be sent again counts again, as it does where characters cost.
        """
        return self._driver.characters

    def on_spent(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have ``listener`` called on the network loop when ``characters`` grew.

        Returns:
            What ends that.
        """
        with self._lock:
            self._spenders = (*self._spenders, listener)

        def leave() -> None:
            with self._lock:
                self._spenders = tuple(each for each in self._spenders if each is not listener)

        return leave

    def _spent(self) -> None:
        for listener in self._spenders:
            try:
                listener()
            except Exception:  # who looks on is not to break what is sent
                _log.exception("A listener to the characters spent failed")

    @property
    def free(self) -> int:
        """How many contexts more could begin now, without one that waits."""
        return max(self.max_contexts - len(self._router), 0)

    @property
    def closed(self) -> bool:
        """Whether it is closed, and stays so."""
        return self._closed

    def context(
        self, settings: Settings | None = None, *, context_id: str | None = None
    ) -> Context:
        """Open a context. Nothing is sent before its first push. Returns at once.

        Warns, once for each, of settings that the chosen model ignores.

        Args:
            settings: what shapes it; the connection's unless given.
            context_id: an id of your own; one is made otherwise. While another context has it, the
                server sees this one under that id and a number.

        Raises:
            SettingsError: ``context_id`` is no text, or empty.
            ConnectError: the connection is closed.
        """
        if self._closed:
            raise ConnectError(CLOSED)
        own: object = context_id
        if own is not None and not (isinstance(own, str) and own):
            raise SettingsError(f"context_id is {own!r}; it takes a text that is not empty.")
        settings = settings if settings is not None else self.settings
        self._warn_of_ignored(settings)
        recording = Recording(settings, self.backend, context_id=context_id)
        recording.patience = max(recording.patience, self.bounds.longest)
        route = Route(recording)
        loops.call(self._driver.add, route)

        def put(message: Outgoing | None) -> None:
            loops.call(self._driver.put, route, message)

        return Context(recording, put)

    def _warn_of_ignored(self, settings: Settings) -> None:
        for sentence in ignored(settings, self.backend.name):
            if sentence not in self._told:
                self._told.add(sentence)
                warn(sentence)

    def say(self, text: sources.Text, settings: Settings | None = None) -> Take:
        """Speak a text: a string, an iterable of pieces, or an async iterable. Returns at once.

        Args:
            text: pieces are joined as they are: give the spaces.
            settings: what shapes it; the connection's unless given.

        Raises:
            TextError: there is nothing to say, or it is not text. What only an iterable's later
                pieces show is in ``take.error``.
            ConnectError: the connection is closed.
        """
        sources.check(text)
        context = self.context(settings)
        sources.feed(text, context._recording, context._put)
        return context.take

    def voices(
        self,
        *,
        language: str | None = None,
        gender: str | None = None,
        query: str | None = None,
        mine: bool = False,
        speak: Callable[..., Take] | None = None,
    ) -> Voices:
        """All the server's voices that match; asked for anew after five minutes.

        Waits for the server, each page for at most ``bounds.connect`` seconds.

        Args:
            language: a code: ``en`` for any English, ``en-GB`` for that locale.
            gender: ``masculine``, ``feminine`` or ``gender_neutral``.
            query: searched for by the server, in names, descriptions and ids.
            mine: only those that the key's owner made.
            speak: what a voice's ``preview()`` calls, with a text and settings.

        Raises:
            SettingsError: ``language`` or ``gender`` is not known.
            AuthenticationError: the server refused the key.
            ServerError: the server refused, or answered what is no list of voices.
            ConnectError: it can't be reached, or this connection is closed.
        """
        found = loops.finish(
            self._catalogue.voices(language=language, gender=gender, query=query, mine=mine), None
        )
        return Voices(found, speak=speak if speak is not None else self._speak)

    def _speak(self, text: sources.Text, **settings: object) -> Take:
        return self.say(text, self.settings.replace(**settings))

    def access_token(self, expires_in: int = limits.TOKEN_MAX_S) -> Secret:
        """A short-lived token for speech alone, that a page may be given in place of the key.

        Waits for the server as ``voices`` does, and raises as it does.

        Args:
            expires_in: how long it holds: whole seconds, 1 to 3600.

        Returns:
            It does not show itself; ``token.reveal()`` gives the text.

        Raises:
            SettingsError: ``expires_in`` is no such number.
        """
        return loops.finish(self._rest.access_token(expires_in), None)

    def open(self) -> None:
        """Connect now, and wait until that is done, within ``bounds.connect``.

        Raises:
            AuthenticationError: the server refused the key.
            ConnectError: no connection came about within ``bounds.connect`` seconds, or this
                connection is closed.
        """
        if self._closed:
            raise ConnectError(CLOSED)
        loops.finish(self._driver.opened(), None)

    def warm(self) -> None:
        """Begin to connect now, so that the first context need not wait. Returns at once.

        A failure is the first context's to report, which tries again. Does nothing when closed.
        """
        loops.call(self._driver.warm)

    def close(self) -> None:
        """Cancel what is under way and close the socket. Waits for it, within ``bounds.close``.

        A closed connection stays closed; closing it again does nothing.

        Raises:
            RuntimeError: on the network loop, which this would stop.
        """
        loops.refuse_here()
        _open.discard(self)
        self._closed = True
        with contextlib.suppress(TimeoutError):
            loops.finish(self._shut(), self.bounds.close + 1)

    async def _shut(self) -> None:
        await asyncio.gather(self._driver.close(), self._rest.close())

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{len(self._router)} contexts"
        return f"<Connection to {self.backend.label}: {state}>"


@atexit.register
def _close_all() -> None:
    for connection in list(_open):
        connection.close()


def _leave_to_the_parent() -> None:
    # A forked child must say nothing on its parent's sockets, goodbye included.
    for connection in list(_open):
        connection._closed = True
    _open.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_the_parent)
