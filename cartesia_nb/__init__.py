"""Streaming speech in a notebook: hear it while it is generated, and see why it sounds so.

::

    import cartesia_nb as cnb
    cnb.say("Hi there!")
"""

from __future__ import annotations

from . import errors
from .errors import *  # noqa: F403  (the tree of exceptions is part of the public names)
from .notebook.session import Session, connect, say
from .player.player import Player
from .speech.context import Context
from .speech.settings import Settings
from .speech.take import Take

__all__ = [
    "Context",
    "Player",
    "Session",
    "Settings",
    "Take",
    "connect",
    "say",
    *errors.__all__,
]
