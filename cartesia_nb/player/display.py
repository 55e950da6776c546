"""How a take shows itself in a cell: as a player, and as the picture that it leaves behind.

Where a widget's model is gone (on GitHub, in exported HTML, in a notebook that was reopened),
nothing of its output is shown, so the picture is an output of its own. It is published beside the
player and, for a take that is not over yet, updated once when it is. The page hides it while the
player is alive (``js/src/still.ts``).
"""

from __future__ import annotations

import base64
import contextlib
import contextvars
import logging
import sys
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from functools import cache
from typing import Any, Final, NamedTuple

from cartesia_nb.player import snapshot
from cartesia_nb.player.caption import Caption
from cartesia_nb.player.player import Player
from cartesia_nb.speaker.host import notebook_host
from cartesia_nb.speaker.speaker import Speaker
from cartesia_nb.speech import loops
from cartesia_nb.speech.recording import Change, Recording
from cartesia_nb.speech.take import Take

_log: Final = logging.getLogger(__name__)

DRAWING_S: Final = 5.0
"""A cell's end waits this long at most for pictures of takes that have ended in it."""


class Output(NamedTuple):
    """One output of a cell, as Jupyter's protocol has it: by MIME type, what and how."""

    data: dict[str, object]
    metadata: dict[str, object]


def mimebundle(take: Take) -> dict[str, object]:
    """A take as a player where there is a notebook, and as text anywhere. In the main thread."""
    if Speaker.current() is None:
        return {"text/plain": repr(take)}
    return {**_widget(_player(take)), "text/plain": repr(take)}


def show(take: Take, player: Player | None = None) -> None:
    """Show a take in the running cell. In the main thread, or what IPython displays from.

    Args:
        take: what to show.
        player: its player; unless given, one for all that shows the take.

    Raises:
        NotImplementedError: this is no Jupyter kernel; IPython then goes on to other ways.
    """
    if notebook_host() != "jupyter":
        raise NotImplementedError("There is no notebook to show a player in.")
    player = _player(take) if player is None else player
    _publish(Output(_widget(player), {}))
    if take._recording.ended:
        _publish(picture(take))
    else:
        _publish(_place(take), display_id=_display_id(take._recording))
        _stills().expect(take)


def picture(take: Take) -> Output:
    """What an ended take leaves behind: a picture, and the same in words. Any thread."""
    recording = take._recording
    drawn = _drawn.get(recording)
    if drawn is None:
        drawn = _drawn[recording] = _draw(take)
    return drawn


_drawn: weakref.WeakKeyDictionary[Recording, Output] = weakref.WeakKeyDictionary()


def _draw(take: Take) -> Output:
    try:
        caption = Caption.of(take)
        png = snapshot.still(take, caption)
    except Exception:  # whatever is wrong with a machine's fonts: the sound is what matters
        _log.exception("The picture of take %s could not be drawn", take.id)
        return Output({"text/plain": repr(take)}, {})
    return _image(png, snapshot.WIDTH, caption.lines(), caption.alt())


def _place(take: Take) -> Output:
    """Keeps the picture's place."""
    return _image(snapshot.pending(take), 1, repr(take), "A take that was still being spoken")


def _image(png: bytes, width: int, text: str, alt: str) -> Output:
    data = base64.b64encode(png).decode("ascii")
    # Without a height it keeps its shape where a page is narrower.
    return Output(
        {"image/png": data, "text/plain": text}, {"image/png": {"width": width, "alt": alt}}
    )


def _player(take: Take) -> Player:
    # One player for a take however often it is shown: each display is a view of its own.
    player = _players.get(take.id)
    if player is None or player.comm is None:
        player = _players[take.id] = Player(take)
    return player


_players: weakref.WeakValueDictionary[str, Player] = weakref.WeakValueDictionary()


def _widget(player: Player) -> dict[str, object]:
    shown = player._repr_mimebundle_()
    data = shown[0] if isinstance(shown, tuple) else shown
    # The words stand with the picture, and would be there twice.
    return {kind: value for kind, value in (data or {}).items() if kind != "text/plain"}


def _display_id(recording: Recording) -> str:
    return f"cartesia_nb-{recording.id}"


def _publish(output: Output, *, display_id: str | None = None, update: bool = False) -> None:
    transient = {} if display_id is None else {"display_id": display_id}
    _shell().display_pub.publish(output.data, output.metadata, transient=transient, update=update)


# Any: IPython's shell, whose attributes have no types.
def _shell() -> Any:
    return sys.modules["IPython"].get_ipython()


class _Stills:
    """Draws the pictures of takes when they are over, and publishes each once.

    They are drawn in a thread of their own and published in the main thread: at the end of a
    running cell, or between cells. What executes notebooks without a browser (nbclient) takes in
    only what is published while a cell runs, so a cell's end waits for a picture under way.

    To be made in the main thread.
    """

    def __init__(self) -> None:
        self._loop = loops.running_loop()
        self._lock = threading.Lock()
        self._expected: dict[str, _Expected] = {}
        self._drawing = ThreadPoolExecutor(1, thread_name_prefix="cartesia_nb pictures")

    def listen(self, register: Callable[[str, Callable[[], None]], object]) -> None:
        """Be told when cells end."""
        register("post_execute", self._cell_ended)

    def expect(self, take: Take) -> None:
        """Publish the take's picture, once it is over, where its place is kept."""
        recording = take._recording
        with self._lock:
            if recording.id in self._expected:
                return
            expected = self._expected[recording.id] = _Expected(take)

        def changed(change: Change) -> None:
            if recording.ended:
                self._draw(expected)

        expected.unsubscribe = recording.subscribe(changed)
        changed("state")  # it may have ended before anybody listened

    def _draw(self, expected: _Expected) -> None:
        with self._lock:
            if expected.drawn is not None:
                return
            expected.unsubscribe()
            with contextlib.suppress(RuntimeError):  # the kernel ends
                expected.drawn = self._drawing.submit(picture, expected.take)
        if expected.drawn is not None:
            expected.drawn.add_done_callback(lambda _: self._publish_soon(expected))

    def _publish_soon(self, expected: _Expected) -> None:
        if self._loop is None:
            return
        # In no context of a cell's: the message belongs to whatever cell is running then.
        with contextlib.suppress(RuntimeError):  # the loop is closed: the kernel ends
            self._loop.call_soon_threadsafe(self._publish, expected, context=contextvars.Context())

    def _cell_ended(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._loop = self._loop or loops.running_loop()
        deadline = time.monotonic() + DRAWING_S
        for expected in list(self._expected.values()):
            if not expected.take._recording.ended:
                continue
            self._draw(expected)
            with contextlib.suppress(TimeoutError):
                if expected.drawn is not None:
                    expected.drawn.exception(max(0.0, deadline - time.monotonic()))
                    self._publish(expected)

    def _publish(self, expected: _Expected) -> None:
        recording = expected.take._recording
        if expected.drawn is None or self._expected.pop(recording.id, None) is None:
            return
        try:
            _publish(expected.drawn.result(), display_id=_display_id(recording), update=True)
        except Exception:  # nothing here may end a cell or the kernel's loop
            _log.exception("The picture of take %s could not be published", recording.id)


class _Expected:
    """A take whose picture has a place and is to be drawn."""

    def __init__(self, take: Take) -> None:
        self.take = take
        self.drawn: Future[Output] | None = None
        self.unsubscribe: Callable[[], None] = lambda: None


@cache
def _stills() -> _Stills:
    stills = _Stills()
    stills.listen(_shell().events.register)
    return stills
