"""The one widget per kernel that carries sound to the page."""

from __future__ import annotations

import contextlib
import math
import threading
import time
import uuid
import weakref
from collections.abc import Iterable
from numbers import Real
from pathlib import Path
from typing import Final

import anywidget
import traitlets

from cartesia_nb.errors import SettingsError
from cartesia_nb.speaker import messages
from cartesia_nb.speaker.dispatch import Dispatch
from cartesia_nb.speaker.heard import Down
from cartesia_nb.speaker.host import notebook_host
from cartesia_nb.speaker.pages import Pages, downs
from cartesia_nb.speech import loops
from cartesia_nb.speech.recording import Recording

PATIENCE_S: Final = 15.0
"""A page that says nothing for this long is not waited for."""

PREBUFFER_RANGE: Final = (0.0, 5.0)
"""Seconds a page can be asked to have in hand before it sounds."""

STATIC: Final = Path(__file__).parent.parent / "static"

if not (STATIC / "speaker.js").is_file():
    raise ImportError(
        "The page half of cartesia_nb is not built. In a checkout, run: python hatch_build.py; "
        "else install the package again with pip."
    )


class Speaker(anywidget.AnyWidget):
    """Carries takes to the notebook's page, and the page's reports back.

    There is one per kernel: ``Speaker.current()``. It shows nothing; players are views of its
    takes. Its traits are preferences only: no sound and no secret is ever in one.
    """

    _esm = STATIC / "speaker.js"

    speaker_id = traitlets.Unicode(help="How a player finds its Speaker in the page.").tag(
        sync=True
    )
    volume = traitlets.Float(1.0, min=0.0, max=1.0, help="Of all players; 1.0 is unchanged.").tag(
        sync=True
    )

    prebuffer = traitlets.Float(
        None,
        allow_none=True,
        min=PREBUFFER_RANGE[0],
        max=PREBUFFER_RANGE[1],
        help="Seconds in hand before a take starts or goes on; None adapts by itself.",
    ).tag(sync=True)

    _current: Speaker | None = None
    _making = threading.Lock()

    def __init__(self, **traits: object) -> None:
        super().__init__(speaker_id=uuid.uuid4().hex, **traits)
        self._known: weakref.WeakValueDictionary[str, Recording] = weakref.WeakValueDictionary()
        self._clocks = Pages()
        self._dispatch = Dispatch(self._send_message, self._clocks.spans)
        self._reported = -math.inf
        self.pages: set[str] = set()
        """The pages that have loaded this Speaker since the kernel started."""
        self.on_msg(self._on_page_message)
        let_answers_in(self)

    @classmethod
    def current(cls) -> Speaker | None:
        """This kernel's Speaker, made when first asked for; ``None`` where there is no notebook.

        To be asked for the first time in the main thread, as widgets are made there.
        """
        if notebook_host() is None:
            return None
        with cls._making:
            if cls._current is None or cls._current.comm is None:
                cls._current = cls()
            return cls._current

    def carry(self, recording: Recording, *, play: bool, interrupt: bool = False) -> None:
        """Carry a take to the page, as it grows. Any thread.

        Args:
            recording: the take.
            play: whether it is to be heard by itself, in its turn.
            interrupt: whether it silences what is playing or queued first.
        """
        self.know(recording)
        loops.call(self._dispatch.add, recording, play=play, interrupt=interrupt)

    def know(self, recording: Recording) -> None:
        """Let pages ask for a take, for as long as somebody holds it. Any thread."""
        self._known[recording.id] = recording

    def forget(self, recording: Recording) -> None:
        """Let go of a take: no page gets any more of it. Any thread."""
        self._known.pop(recording.id, None)
        loops.call(self._dispatch.forget, recording.id)

    def command(
        self, name: messages.Command, take: str | None = None, position: float | None = None
    ) -> None:
        """Tell the pages to play, pause, stop or seek a take; ``stop`` without one stops all.

        Args:
            name: what to do.
            take: the take's id.
            position: where to seek, in seconds.
        """
        loops.call(self._dispatch.command, name, take, position)

    def unheard(self, since: float) -> str | None:
        """Why nobody can be waited for to hear something, or ``None``. Any thread.

        Args:
            since: when the waiting began, on ``time.monotonic``.
        """
        silent = time.monotonic() - max(since, self._reported)
        if silent < PATIENCE_S:
            return None
        if not self.pages:
            return "No page has loaded the player: open this notebook in a browser."
        return (
            f"No page has reported anything for {silent:.0f} s: it may be paused or closed, or it "
            "can't report while a cell runs. Wait for it in a cell of its own."
        )

    # From here on: the network loop alone.

    def _send_message(self, message: messages.Message, buffer: bytes | None) -> None:
        # Fresh bytes each time: the sending is deferred and keeps a reference.
        self.send(message, None if buffer is None else [buffer])

    def _on_page_message(self, widget: object, content: object, buffers: object) -> None:
        # Called in the main thread or in one of a subshell. The moment first: what comes later
        # is no part of the message's way.
        received = time.monotonic()
        message = messages.parse(content)
        if message is not None:
            loops.call(self._received, message, messages.signed(content), received)

    def _received(
        self, message: messages.FromPage, signed: messages.Signed | None, received: float
    ) -> None:
        self._reported = time.monotonic()
        recording = None
        if not isinstance(message, messages.Hello):
            recording = self._dispatch.find(message.take) or self._known.get(message.take)
        if signed is not None:
            told: Iterable[Down] = ()
            if isinstance(message, messages.Heard):
                told = downs(message, None if recording is None else recording.timeline)
            self._clocks.came(signed, received, told)
        if isinstance(message, messages.Hello):
            self.pages.add(message.page)
            self._dispatch.recall()
            return
        if isinstance(message, messages.Need):
            self._dispatch.ask(message, recording)
        elif recording is None:
            return
        elif isinstance(message, messages.Heard):
            self._dispatch.hearing(message.take)
            if signed is not None:
                self._clocks.heard(recording.timeline, message, signed.sent)
            recording.add_heard(message.position, whole=message.ended)
        else:
            recording.cancel()


def checked_prebuffer(value: object) -> float | None:
    """A prebuffer as a page takes it, in seconds; ``None`` for one that adapts.

    Raises:
        SettingsError: it is neither ``None`` nor a number within ``PREBUFFER_RANGE``.
    """
    if value is None:
        return None
    low, high = PREBUFFER_RANGE
    if not isinstance(value, bool) and isinstance(value, Real):
        with contextlib.suppress(OverflowError):
            seconds = float(value)
            if low <= seconds <= high:
                return seconds
    raise SettingsError(
        f"The prebuffer is {value!r}; it must be a number of seconds from {low} to {high}, or "
        "None for one that starts small and grows when the sound has run dry."
    )


def let_answers_in(widget: anywidget.AnyWidget) -> None:
    """Have pages' messages to a widget handled while a cell runs, and without a trace in that cell.

    ipykernel 7.4 tells the page to answer to the thread that published last, which for us is
    the main thread's: then a Stop would wait for the running cell. JupyterLab 4.4+ sends comm
    messages to a subshell of their own unless told otherwise.

    Each comm message fires ``pre_execute`` and ``post_execute``, on which matplotlib shows the
    figures of the running cell: under no cell at all, from the subshell, so that a plot drawn
    while something plays would be lost (ipykernel#1564). Our handlers draw and print nothing,
    so those events are left out.

    Neither is public: where they are not there, nothing is lost but that.
    """
    comm = widget.comm
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, default: default
    if hasattr(comm, "handle_msg") and hasattr(widget, "_handle_msg"):
        comm.handle_msg = widget._handle_msg
