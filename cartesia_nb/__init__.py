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
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.context import Context
from cartesia_nb.speech.loops import allow_asyncio_run
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.voices import Voice, Voices
from cartesia_nb.tuning.blindtest import BlindTest, blind_test
from cartesia_nb.tuning.listen import listen
from cartesia_nb.tuning.sweep import Sweep
from cartesia_nb.tuning.tuner import Tuner

__all__ = [
    "BlindTest",
    "Bounds",
    "Connection",
    "Context",
    "Player",
    "Session",
    "Settings",
    "Sweep",
    "Take",
    "Tuner",
    "Voice",
    "Voices",
    "allow_asyncio_run",
    "blind_test",
    "connect",
    "listen",
    "say",
    *errors.__all__,
]
