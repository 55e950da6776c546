"""How a take shows itself in a cell."""

from __future__ import annotations

import weakref

from cartesia_nb.player.player import Player
from cartesia_nb.speaker.speaker import Speaker
from cartesia_nb.speech.take import Take


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
