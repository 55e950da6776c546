"""The light widget that shows one take, and the take's controls in Python."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from numbers import Real
from typing import TypeVar

import anywidget
import traitlets
from traitlets.utils.bunch import Bunch

from cartesia_nb.errors import CartesiaNbError, SettingsError
from cartesia_nb.player.caption import describe
from cartesia_nb.player.look import PARTS, Parts, Size
from cartesia_nb.player.observers import Observers
from cartesia_nb.player.standing import Report, Reports, Standing, State, read
from cartesia_nb.speaker import pagehalf
from cartesia_nb.speaker.speaker import STATIC, Speaker
from cartesia_nb.speech.take import Take

T = TypeVar("T")


class Reported(traitlets.TraitType[T, T]):
    """A trait that is looked up when it is read and sends a command when it is assigned.

    Nothing is ever stored in it and no page sees it, so that it is right in every thread, also
    while a cell runs, and two pages never steer each other.

    Args:
        read: looks the value up. Any thread.
        write: does what an assignment asks for.
        help: one sentence.
    """

    def __init__(
        self, read: Callable[[Player], T], write: Callable[[Player, T], None], *, help: str
    ) -> None:
        super().__init__(help=help)
        self._read = read
        self._write = write

    # The names and arguments are traitlets'.

    def get(self, obj: traitlets.HasTraits, cls: type[object] | None = None) -> T:
        """Look it up."""
        assert isinstance(obj, Player)
        return self._read(obj)

    def set(self, obj: traitlets.HasTraits, value: T) -> None:
        """Ask for it; what is read changes when a page reports that it has changed."""
        assert isinstance(obj, Player)
        self._write(obj, value)


class Player(anywidget.AnyWidget):
    """A view of one take: play, pause, stop, seek, volume, the waveform and the words.

    A take shows itself in one. What is done here is done in every page that has the notebook
    open, and nowhere if none has; a browser may still wait for a click before it plays. It returns
    at once; what can be read changes when a page reports that it is done.

    A widget: to be made, closed and assigned to in the kernel's main thread. Its methods may be
    called and its attributes read in any thread, also while a cell runs.

    ``player.observe(f, "position")``, and likewise ``playing``, ``state`` and ``volume``, calls
    ``f`` in the thread where the player was made (the main thread), between cells, so that ``f``
    may set other widgets: while a cell runs it waits, and is then told of the latest value alone.

    Attributes:
        position: seconds that were audible at the last report, of which there are two a second.
            Assigning seeks.
        playing: whether some page plays it. Assigning plays or pauses.
        state: ``idle``, ``playing``, ``paused`` or ``ended``, of the playing; of the speech see
            ``take.state``. Cannot be assigned.
        volume: 0.0 to 1.0, of all players; 1.0 is unchanged.
        show: the parts that are shown, some of ``wave``, ``spectrogram``, ``words`` and
            ``latency``, as a tuple in this order; any order may be assigned.
        size: how large all of it is, 0.75 to 3.0; 1.0 suits a notebook, 2.0 a projector.

    Where pages differ, the one that plays is told of, and of several the one that began first. A
    page that reports nothing for 15 s counts as closed.

    Args:
        take: what to show. It is kept as long as the player is open.
        show: see above; everything unless said. Play, position, status and volume always are.
        size: see above.

    Raises:
        CartesiaNbError: where there is no notebook to show it in.
        SettingsError: an unknown part, or a size out of range; also when assigned later.
    """

    _esm = STATIC / "player.js"

    speaker_id = traitlets.Unicode().tag(sync=True)
    speaker = traitlets.Unicode(help="The Speaker's widget, for the host to find.").tag(sync=True)
    take = traitlets.Unicode(help="The take's id.").tag(sync=True)
    label = traitlets.Unicode(help="What is shown when the Speaker is not there.").tag(sync=True)
    show = Parts(help="The parts that are shown.").tag(sync=True)
    size = Size(help="How large all of it is; 1.0 suits a notebook.").tag(sync=True)

    position: Reported[float] = Reported(
        lambda player: player._standing().position,
        lambda player, value: player.seek(value),
        help="Seconds that were audible at the last report; assigning seeks.",
    )
    playing: Reported[bool] = Reported(
        lambda player: player._standing().playing,
        lambda player, value: player._set_playing(value),
        help="Whether some page plays it; assigning plays or pauses.",
    )
    state: Reported[State] = Reported(
        lambda player: player._standing().state,
        lambda player, value: player._refuse_state(value),
        help="How the playing stands.",
    )
    volume: Reported[float] = Reported(
        lambda player: player._volume(),
        lambda player, value: player._set_volume(value),
        help="Of all players, 0.0 to 1.0.",
    )

    def __init__(self, take: Take, *, show: Iterable[str] = PARTS, size: float = 1.0) -> None:
        speaker = Speaker.current()
        if speaker is None:
            raise CartesiaNbError("A player needs a notebook to be shown in.")
        recording = take._recording
        speaker.know(recording)
        pagehalf.hold(self)
        # Before the traits: reading one looks here.
        self._take = take
        self._speaker: Speaker = speaker
        heard = recording.heard or 0.0
        self._reports = Reports(Report("", heard, playing=False, ended=recording.heard_whole))
        super().__init__(
            speaker_id=speaker.speaker_id,
            speaker=f"anywidget:{speaker.model_id}",
            take=take.id,
            label=describe(take),
            show=show,
            size=size,
        )
        self._observers = Observers(self, self._observed)
        speaker.on_msg(self._on_page_message)
        speaker.observe(self._on_volume, "volume")
        self.observe(self._on_closed, "comm")

    def _ipython_display_(self) -> None:
        from cartesia_nb.player.display import show

        show(self._take, self)

    def play(self) -> None:
        """Play from where it stands, or from the beginning if it was heard to its end.

        Any thread. What is playing waits meanwhile, and goes on afterwards.
        """
        self._speaker.command("play", self._take.id)

    def pause(self) -> None:
        """Hold it where it is. Any thread."""
        self._speaker.command("pause", self._take.id)

    def stop(self) -> None:
        """End the playing, back to the beginning, and what is still generated of it. Any thread."""
        self._speaker.command("stop", self._take.id)
        self._take._recording.cancel()

    def seek(self, seconds: float) -> None:
        """Go to a second of the take; it plays on if it was playing. Any thread.

        Args:
            seconds: from the take's beginning. Beyond what was received means to its end.

        Raises:
            SettingsError: it is negative, not a number, or NaN.
        """
        wanted = _number(seconds)
        if wanted is None or wanted < 0:
            raise SettingsError(
                f"The position is {seconds!r}; it must be a number of seconds from 0.0 on."
            )
        self._speaker.command("seek", self._take.id, min(wanted, self._take.duration))

    def _standing(self) -> Standing:
        return self._reports.standing(time.monotonic())

    def _volume(self) -> float:
        return self._speaker.volume

    def _set_playing(self, value: object) -> None:
        if not isinstance(value, bool):
            raise SettingsError(f"playing is {value!r}; it must be True or False.")
        if value:
            self.play()
        else:
            self.pause()

    def _refuse_state(self, value: object) -> None:
        raise SettingsError(
            f"The state can't be set to {value!r}, it is what pages report. Call play(), pause() "
            "or stop()."
        )

    def _set_volume(self, value: object) -> None:
        volume = _number(value)
        if volume is None or not 0 <= volume <= 1:
            raise SettingsError(f"The volume is {value!r}; it must be a number from 0.0 to 1.0.")
        self._speaker.volume = volume

    def _observed(self) -> dict[str, object]:
        return {**self._standing()._asdict(), "volume": self._speaker.volume}

    def _on_page_message(self, widget: object, content: object, buffers: object) -> None:
        # Called in the main thread or in one of a subshell.
        report = read(content, self._take.id)
        if report is not None:
            self._reports.add(report, time.monotonic())
            self._observers.look_soon()

    def _on_volume(self, change: Bunch) -> None:
        self._observers.look_soon()

    def _on_closed(self, change: Bunch) -> None:
        if self.comm is None:
            self._speaker.on_msg(self._on_page_message, remove=True)
            self._speaker.unobserve(self._on_volume, "volume")


def _number(value: object) -> float | None:
    """A number as a float, infinity too; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return None if math.isnan(number) else number
