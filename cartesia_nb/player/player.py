"""The light widget that shows one take."""

from __future__ import annotations

import weakref

import anywidget
import traitlets

from cartesia_nb.errors import CartesiaNbError
from cartesia_nb.speaker.speaker import STATIC, Speaker
from cartesia_nb.speech.take import Take


class Player(anywidget.AnyWidget):
    """A view of one take: play, pause, stop, seek, volume, the waveform and the words.

    A widget: for the kernel's main thread. A take shows itself in one.

    Args:
        take: what to show. It is kept as long as the player is open.

    Raises:
        CartesiaNbError: where there is no notebook to show it in.
    """

    _esm = STATIC / "player.js"

    speaker_id = traitlets.Unicode().tag(sync=True)
    speaker = traitlets.Unicode(help="The Speaker's widget, for the host to find.").tag(sync=True)
    take = traitlets.Unicode(help="The take's id.").tag(sync=True)
    label = traitlets.Unicode(help="What is shown when the Speaker is not there.").tag(sync=True)

    def __init__(self, take: Take) -> None:
        speaker = Speaker.current()
        if speaker is None:
            raise CartesiaNbError("A player needs a notebook to be shown in.")
        speaker.know(take._recording)
        super().__init__(
            speaker_id=speaker.speaker_id,
            speaker=f"anywidget:{speaker.model_id}",
            take=take.id,
            label=describe(take),
        )
        self._take = take


def describe(take: Take) -> str:
    """A take in one line of plain text."""
    return f"{take.text} ({take.duration:.1f} s, {take.state}, {take.backend.label})"


# Any: a mimebundle is what IPython's display protocol says.
def mimebundle(take: Take) -> dict[str, object]:
    """How a take is shown: as a player where there is a notebook, and as text anywhere."""
    if Speaker.current() is None:
        return {"text/plain": repr(take)}
    # One player for a take however often it is shown: each display is a view of its own.
    player = _players.get(take.id)
    if player is None or player.comm is None:
        player = _players[take.id] = Player(take)
    shown = player._repr_mimebundle_()
    data = shown[0] if isinstance(shown, tuple) else shown
    return {**(data or {}), "text/plain": repr(take)}


_players: weakref.WeakValueDictionary[str, Player] = weakref.WeakValueDictionary()
