"""Streaming speech in a notebook: hear it while it is generated, and see why it sounds so.

::

    import cartesia_nb as cnb
    cnb.say("Hi there!")
"""

from __future__ import annotations

from cartesia_nb import errors
from cartesia_nb.errors import *  # noqa: F403  (the tree of exceptions is part of the public names)
from cartesia_nb.notebook.session import Session, connect, say
from cartesia_nb.player.player import Player
from cartesia_nb.speech.context import Context
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take

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
