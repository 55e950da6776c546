"""What ``connect()`` gives a notebook: a Connection wired to a Speaker."""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from collections.abc import Callable, Mapping
from functools import partial

from cartesia_nb.notebook.backends import Choice, choose
from cartesia_nb.notebook.choosing import Choosing
from cartesia_nb.notebook.history import History
from cartesia_nb.protocol import limits
from cartesia_nb.speaker.speaker import Speaker, checked_prebuffer
from cartesia_nb.speech import loops, sources
from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.connection import MAX_CONTEXTS, Connection
from cartesia_nb.speech.context import Context
from cartesia_nb.speech.recording import Change, Recording
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.sources import Text
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.voices import Voices
from cartesia_nb.speech.warn import warn

NO_NOTEBOOK = (
    "There is no notebook here, so speech is generated without sound; "
    "take.to_wav(path) writes it to a file."
)
_said: set[str] = set()
_open: weakref.WeakSet[Session] = weakref.WeakSet()


class Session(Choosing):
    """Speaks: through Cartesia, the built-in engine or another server, into the notebook.

    Made by ``connect()``. Every method may be called from any thread and returns at once, but
    for ``voices``, ``access_token`` and ``close``, which wait for the server, within bounds.

    Attributes:
        settings: what ``say`` and ``context`` use unless told otherwise.
        autoplay: whether what is said is heard by itself.
        history: a row of plain values for each take that was said, newest last.
        engine: the built-in engine, if that is who speaks; ``engine.misbehave(...)`` turns the
            network bad for a lesson.
    """

    def __init__(
        self,
        choice: Choice,
        speaker: Speaker | None,
        *,
        settings: Settings,
        autoplay: bool,
        prebuffer: float | None = None,
        bounds: Bounds | None = None,
        max_contexts: int = MAX_CONTEXTS,
    ) -> None:
        self.settings = settings
        self.autoplay = autoplay
        self._speaker = speaker
        self.prebuffer = prebuffer
        self._connection = Connection(
            choice.endpoint,
            choice.backend,
            settings=settings,
            bounds=bounds,
            max_contexts=max_contexts,
        )
        self.engine = choice.engine
        # Live ones, and failed ones whose error nobody has looked at yet.
        self._watched: dict[str, Recording] = {}
        self.history = History()
        self._sweeps = weakref.WeakSet()
        self._connection.warm()
        _open.add(self)

    @property
    def backend(self) -> Backend:
        """Who speaks."""
        return self._connection.backend

    @property
    def waiting(self) -> int:
        """Contexts that wait for their turn, because as many as allowed are in flight."""
        return self._connection.waiting

    @property
    def characters(self) -> int:
        """Characters sent to the server so far: previews, sweeps and what had to be sent again
        count too."""
        return self._connection.characters

    def _on_spent(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._connection.on_spent(listener)

    @property
    def prebuffer(self) -> float | None:
        """Seconds of sound in hand before a take starts, or goes on after it ran dry.

        ``None``, the default, starts with 0.04 and grows with each dry spell; a number from 0.0
        to 5.0 stays as it is. It holds for the whole notebook: the last session to set it, also by
        ``connect()``, decides. To be assigned in the main thread.

        Raises:
            SettingsError: when assigned what is no such number.
        """
        return self._prebuffer if self._speaker is None else self._speaker.prebuffer

    @prebuffer.setter
    def prebuffer(self, seconds: float | None) -> None:
        self._prebuffer = checked_prebuffer(seconds)
        if self._speaker is not None:
            self._speaker.prebuffer = self._prebuffer

    def say(
        self, text: Text, *, play: bool | None = None, interrupt: bool = False, **settings: object
    ) -> Take:
        """Speak a text; it is heard while it is still being generated.

        Args:
            text: a string, an iterable of pieces (a slow generator will do, as an LLM client
                gives), or an async iterable. Pieces are joined as they are: give the spaces.
            play: ``False`` only generates. Unless said, ``autoplay`` decides.
            interrupt: stop what is being said, playing or waiting to be heard, and speak now.
            **settings: of ``Settings``, for this take alone.

        Returns:
            The take, at once; it grows while it is spoken.

        Raises:
            TextError: there is nothing to say, or it is not text.
            SettingsError: a setting that is unknown or out of range.
            ConnectError: the session is closed.
        """
        sources.check(text)
        context = self._context(settings, play=play, interrupt=interrupt)
        sources.feed(text, context._recording, context._put)
        return context.take

    def context(
        self, context_id: str | None = None, *, play: bool | None = None, **settings: object
    ) -> Context:
        """Open a context to push text into, with the SDK's verbs and keyword names.

        It is heard as it is pushed. ``context.take`` is its recording.

        Args:
            context_id: an id of your own; one is made otherwise.
            play: ``False`` only generates.
            **settings: of ``Settings``, or nested as the SDK has them (``output_format={...}``,
                ``generation_config={...}``).

        Raises:
            SettingsError: a setting that is unknown or out of range.
            ConnectError: the session is closed.
        """
        return self._context(settings, play=play, interrupt=False, context_id=context_id)

    def _context(
        self,
        settings: Mapping[str, object],
        *,
        play: bool | None,
        interrupt: bool,
        context_id: str | None = None,
    ) -> Context:
        self._warn_of_unseen_failures()
        if interrupt:
            self._cancel_live()
        context = self._connection.context(self.settings.replace(**settings), context_id=context_id)
        recording = context._recording
        self._watched[recording.id] = recording
        # By its id: a listener that held the recording would keep it from being freed at once.
        recording.subscribe(partial(self._changed, recording.id))
        self.history._add(context.take)
        play = self.autoplay if play is None else play
        if self._speaker is not None:
            context.take._unheard = self._speaker.unheard if play else _not_played
            self._speaker.carry(recording, play=play, interrupt=interrupt)
        return context

    def voices(
        self,
        *,
        language: str | None = None,
        gender: str | None = None,
        query: str | None = None,
        mine: bool = False,
    ) -> Voices:
        """All voices that match, shown as a table; ``voices()[0].preview()`` speaks with one.

        Any other voice id is taken by ``say`` as well, listed or not. Waits for the server; a
        list is asked for anew after five minutes.

        Args:
            language: a code: ``en`` for any English, ``en-GB`` for that locale.
            gender: ``masculine``, ``feminine`` or ``gender_neutral``.
            query: searched for in names, descriptions and ids.
            mine: only those that the key's owner made.

        Raises:
            SettingsError: ``language`` or ``gender`` is not known.
            AuthenticationError: the server refused the key.
            ServerError: the server refused, or answered what is no list of voices.
            ConnectError: it can't be reached, or the session is closed.
        """
        return self._connection.voices(
            language=language, gender=gender, query=query, mine=mine, speak=self.say
        )

    def access_token(self, expires_in: int = limits.TOKEN_MAX_S) -> Secret:
        """A short-lived token for speech alone, that a page may be given in place of the key.

        Args:
            expires_in: how long it holds: whole seconds, 1 to 3600.

        Returns:
            It does not show itself; ``token.reveal()`` gives the text.

        Raises:
            SettingsError: ``expires_in`` is no such number. Else as ``voices`` does.
        """
        return self._connection.access_token(expires_in)

    def stop(self) -> None:
        """Silence everything that plays or waits to be heard, and stop what is generated."""
        self._cancel_live()
        if self._speaker is not None:
            self._speaker.command("stop")

    def _cancel_live(self) -> None:
        # The latest first: else one that waits could begin in the place of one that was stopped.
        for recording in reversed(list(self._watched.values())):
            if not recording.ended:
                recording.cancel()

    def close(self) -> None:
        """Stop generating, close the connection, and end the engine if it was started here.

        Raises:
            RuntimeError: on the network loop, which this would stop.
        """
        loops.refuse_here()
        _open.discard(self)
        try:
            self._stop_sweeps()
            self._connection.close()
        finally:  # also when that is interrupted
            if self.engine is not None:
                self.engine.stop()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _changed(self, take: str, change: Change) -> None:
        recording = self._watched.get(take)
        if recording is not None and recording.ended and recording.error is None:
            self._watched.pop(take, None)

    def _warn_of_unseen_failures(self) -> None:
        for recording in [each for each in list(self._watched.values()) if each.ended]:
            self._watched.pop(recording.id, None)
            if recording.error is not None and not recording.looked_at:
                recording.looked_at = True
                warn(f"An earlier take failed: {recording.error}")

    def __repr__(self) -> str:
        return f"<Session: {self.backend.label}>"


def connect(
    where: str | None = None,
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    autoplay: bool = True,
    prebuffer: float | None = None,
    max_contexts: int = MAX_CONTEXTS,
    bounds: Bounds | None = None,
    **settings: object,
) -> Session:
    """Begin to speak. Call it in the notebook's main thread.

    ``connect()`` speaks through Cartesia if the environment has ``CARTESIA_API_KEY``, else
    through the built-in engine, and says which. ``connect("local")`` and
    ``connect("cartesia")`` never choose for you; without a key the latter asks for one.

    Args:
        where: ``"local"``, ``"cartesia"`` or nothing.
        api_key: a key other than the environment's.
        base_url: the address of any server with Cartesia's protocol (``http``, ``https``,
            ``ws`` or ``wss``).
        autoplay: whether what is said is heard by itself.
        prebuffer: seconds of sound in hand before a take starts, 0.0 to 5.0, for the whole
            notebook; ``None`` starts with 0.04 and grows when the sound has run dry.
        max_contexts: contexts in flight at once, as your plan allows: 2, 3, 5 or 15. More wait
            their turn, in order.
        bounds: how long things may take before they count as failed.
        **settings: of ``Settings``, for all that the session says.

    Raises:
        SettingsError: an argument that makes no sense, or an unknown setting.
        KeyMissingError: there is no key, and no way to ask for one.
        EngineMissingError: the built-in engine's extra is not installed.
    """
    wanted = Settings.of(**settings)
    checked_prebuffer(prebuffer)
    choice = choose(where, api_key, base_url)
    speaker = Speaker.current()
    _say_once(_who(choice))
    if speaker is None:
        _say_once(NO_NOTEBOOK)
    return Session(
        choice,
        speaker,
        settings=wanted,
        autoplay=autoplay,
        prebuffer=prebuffer,
        bounds=bounds,
        max_contexts=max_contexts,
    )


_default: Session | None = None
_making = threading.Lock()


def say(
    text: Text, *, play: bool | None = None, interrupt: bool = False, **settings: object
) -> Take:
    """Speak through a session made when first needed, by ``connect()``. Any thread, but for the
    first call, which belongs into the notebook's main thread.

    Its arguments and errors are those of ``Session.say``; the first call raises as ``connect``.
    """
    global _default
    with _making:
        if _default is None:
            _default = connect()
    return _default.say(text, play=play, interrupt=interrupt, **settings)


def _who(choice: Choice) -> str:
    if choice.backend.name != "engine":
        return f"Speaking through {choice.backend.label}."
    return (
        f"Speaking through the {choice.backend.label}. "
        "With CARTESIA_API_KEY in the environment, connect() speaks through Cartesia."
    )


def _say_once(line: str) -> None:
    if line not in _said:
        _said.add(line)
        print(line)


def _not_played(since: float) -> str:
    return "It was said with play=False; press play in its player."


def _forget_after_fork() -> None:
    # What speaks for the parent stays the parent's: a child may neither use it nor close it.
    global _default, _making
    _default = None
    _making = threading.Lock()
    _open.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


@atexit.register
def _close_all() -> None:
    for session in list(_open):
        session.close()
