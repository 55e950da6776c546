"""The socket as a plan: whether there is one, whether it lives, when to try for another. No I/O."""

from __future__ import annotations

from typing import Final

from cartesia_nb.errors import CartesiaNbError, ConnectError
from cartesia_nb.speech.backoff import Backoff
from cartesia_nb.speech.bounds import START_S, Bounds

KEEP_WARM_S: Final = 1800.0
"""For so long after its last use a lost or idle socket is replaced ahead of the next use."""

HURRY_S: Final = 2.0
"""The longest wait between two tries while somebody waits for a socket, in seconds."""

SLOW_LINE: Final = 50_000.0
"""Characters a second that any line carries."""

QUIET_S: Final = 1.0
"""A socket that was quiet for so long is asked for a sign of life when a context begins on it."""


class Link:
    """One open socket.

    Attributes:
        handshake: seconds that opening it took, from dialling on.
        heard: when something last came from it.
        used: when a context was last on it.
        pinged: when it was asked for a sign of life that has not come yet, or ``None``.
        unheard: characters of text sent since something last came from it.
        retired: whether no further context may begin on it.
        spoke: whether anything ever came from it.
    """

    def __init__(self, now: float, handshake: float | None = None) -> None:
        self.handshake = handshake
        self.heard = now
        self.used = now
        self.pinged: float | None = None
        self.unheard = 0
        self.retired = False
        self.spoke = False

    def alive(self, now: float) -> None:
        """Something came from it."""
        self.heard = now
        self.pinged = None
        self.unheard = 0
        self.spoke = True

    def lost_at(self, bounds: Bounds, pinged: float) -> float:
        """When a ping that was sent then is not to be waited for any longer.

        On a slow line it waits behind the text.
        """
        return pinged + bounds.alive + self.slack_s

    @property
    def slack_s(self) -> float:
        """Seconds that the text on its way may need on a slow line."""
        return self.unheard / SLOW_LINE

    def due(self, bounds: Bounds, in_use: bool) -> float:
        """When it is to be pinged, given up or replaced if nothing happens before."""
        if self.pinged is not None:
            return self.lost_at(bounds, self.pinged)
        return self.heard + bounds.alive if in_use else self.used + bounds.idle


class Line:
    """At most one socket for new contexts, and the tries for one. Times are passed in.

    Args:
        bounds: how long things may take.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.link: Link | None = None
        self.trying = False
        """Whether a try to connect is under way."""
        self.error: CartesiaNbError | None = None
        """Why the last try failed, since a socket was last open."""
        self.tries = 0
        self._bounds = bounds
        self._backoff = Backoff(0.2, 30.0)
        self._retry_at = 0.0
        self._failed_at = 0.0
        self._wanted: float | None = None
        self._starting: float | None = None  # since when the try has to learn where to connect
        self._dialled: float | None = None
        self._spared = 0.0

    def clock(self, now: float) -> float:
        """A clock for the bound on connecting: it stands while a try learns where the server is
        (which may start one, and has a bound of its own)."""
        standing = 0.0 if self._starting is None else now - self._starting
        return now - self._spared - standing

    def want(self, now: float) -> None:
        """A socket is used, or will be soon."""
        self._wanted = now

    def hurry(self) -> None:
        """Somebody waits for a socket: the wait before the next try is a short one."""
        self._retry_at = min(
            self._retry_at, self._failed_at + min(HURRY_S, self._bounds.connect / 4)
        )

    def keep(self, now: float) -> bool:
        """Whether a socket is to be there although no context needs one now."""
        return self._wanted is not None and now - self._wanted < KEEP_WARM_S

    def give_up(self) -> None:
        """No socket is wanted any more until ``want``."""
        self._wanted = None

    def try_now(self, now: float) -> bool:
        """Whether to begin a try to connect now; it counts as begun then."""
        if self.link is not None or self.trying or now < self._retry_at:
            return False
        self.trying = True
        self._starting, self._dialled = now, None
        return True

    def dialling(self, now: float) -> None:
        """The try knows where the server is; the bound on connecting counts from here."""
        if self._starting is not None:
            self._spared += now - self._starting
            self._starting, self._dialled = None, now

    def opened(self, now: float) -> Link:
        """The try gave an open socket."""
        handshake = None if self._dialled is None else now - self._dialled
        self.dialling(now)
        self.trying = False
        self.error = None
        self.tries = 0
        self.link = Link(now, handshake)
        return self.link

    def refused(self, error: CartesiaNbError, now: float) -> None:
        """The try failed; another may follow after a wait."""
        self.dialling(now)
        self.trying = False
        self.error = error
        self.tries += 1
        self._failed_at = now
        self._retry_at = now + self._backoff.next()

    def proved(self) -> None:
        """The server did something useful on the socket: it is worth reconnecting at once."""
        self._backoff.reset()

    def retire(self, link: Link) -> None:
        """No further context begins on this socket; it closes when its last one is over."""
        link.retired = True
        if self.link is link:
            self.link = None

    def gone(self, link: Link, now: float) -> None:
        """A socket is closed, lost or no longer to be used."""
        if self.link is link:
            self.link = None
            # A server that takes sockets only to drop them is not to be stormed.
            self._failed_at = now
            self._retry_at = now + (0.0 if link.spoke else self._backoff.next())

    def attempt_s(self) -> float:
        """The seconds that one try may take: half the bound, so that there is a second one."""
        return self._bounds.connect / 2

    def overdue(self, since: float, now: float) -> CartesiaNbError | None:
        """Why who has waited for a socket since then, by ``clock``, waits in vain, or ``None``."""
        # The same sum as in ``due``: rounding must not make the two disagree.
        if self._starting is not None or now < self.due(since):
            return None
        within = f"within {self._bounds.connect:g} s"
        if self.error is None:
            return ConnectError(
                f"No connection to the server came about {within}. Check the network and try "
                "again.",
                passing=True,
            )
        if self.tries < 2 or not isinstance(self.error, ConnectError):
            return self.error
        said = f"{self.error} Tried {self.tries} times {within}."
        return ConnectError(said, passing=self.error.passing)

    def due(self, since: float) -> float:
        """When waiting for a socket since then, by ``clock``, may be over."""
        if self._starting is not None:
            return self._starting + START_S
        return since + self._spared + self._bounds.connect

    @property
    def retry_at(self) -> float | None:
        """When the next try may begin; ``None`` while there is a socket or a try."""
        return None if self.link is not None or self.trying else self._retry_at
