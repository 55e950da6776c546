"""Who speaks: Cartesia, the built-in engine, or another server with the same protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BackendName = Literal["cartesia", "engine", "server"]


@dataclass(frozen=True)
class Backend:
    """Which server a take came from. It stands in every take, player and file.

    Attributes:
        name: ``cartesia``, ``engine`` (built in) or ``server`` (another address).
        label: the same for people.
    """

    name: BackendName
    label: str

    def __str__(self) -> str:
        return self.label


CARTESIA = Backend("cartesia", "Cartesia")
ENGINE = Backend("engine", "built-in engine (espeak-ng)")


def server(url: str) -> Backend:
    """The backend for a server of one's own at ``url``."""
    return Backend("server", url)
