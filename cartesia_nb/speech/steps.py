"""What the router asks to be done, in terms of sockets and messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from cartesia_nb.speech.line import Link
from cartesia_nb.speech.route import Outgoing, Route


@dataclass(frozen=True)
class Connect:
    """Try to connect, for at most ``timeout`` seconds once it is known where; then say
    ``opened`` or ``refused``."""

    timeout: float


@dataclass(frozen=True)
class Send:
    """Send a context's message on a socket, after asking ``sending`` for it."""

    link: Link
    route: Route
    wire_id: str
    message: Outgoing


@dataclass(frozen=True)
class Cancel:
    """Tell the server that a context is not wanted any more."""

    link: Link
    context_id: str


@dataclass(frozen=True)
class Ping:
    """Ask a socket for a sign of life; tell the link when it comes."""

    link: Link


@dataclass(frozen=True)
class Close:
    """Close a socket. What still comes from it is for nobody."""

    link: Link


Step: TypeAlias = Connect | Send | Cancel | Ping | Close
