"""Where a page's moments lie on the kernel's clock, known from the messages between the two.

Let θ be kernel clock minus page clock at one instant. A message down, sent at ``sent`` by the
kernel's clock and arrived at ``arrived`` by the page's, proves θ ≥ sent - arrived at the page's
moment ``arrived``; a message up proves θ ≤ received - sent at the page's moment ``sent``. Away
from its moment a bound is the weaker the farther, by what quartz may drift. Nothing is assumed
of latencies: a slow message proves little, and nothing false.

Sleep stops one of the two clocks and θ jumps. The bounds of both sides then contradict each other
and a new epoch begins; moments between the last one that the old epoch was sure of and the first of
the new one are unknown. A jump that no message has shown yet can't be known, so a moment is placed
only once a later message of the page's vouches for it, and what looks like a late answer counts as
one that may have come after a jump: until a prompt one comes, the interval is as wide as it was
late. This holds if a sleep is longer than messages take, and if at least one prompt message each
way passes between two of them.
"""

from __future__ import annotations

import math
import threading
from bisect import bisect_left, bisect_right
from typing import Final

from cartesia_nb.speech.placing import DRIFT, Placed

PROMPT_S: Final = 0.1
"""A message up is late if it took so much longer than the quickest ones around it."""

MAX_BOUNDS: Final = 4096
"""Bounds of one side and epoch that are kept; beyond, the tightest of each stretch of time."""

MAX_EPOCHS: Final = 32
MAX_MOMENT_S: Final = 1e9
"""No clock has run for longer: thirty years."""

_SLACK_S: Final = 1e-6


class IntervalClock:
    """One page's clock, seen from the kernel. Times are seconds; any thread.

    Args:
        grain: how coarsely the page's clock is read: a moment of its may be truly later by up to
            so much. Widens every answer.
    """

    def __init__(self, *, grain: float = 0.0) -> None:
        self._grain = grain
        self._lock = threading.Lock()
        self._epochs = [_Epoch(-math.inf)]

    def down(self, sent: float, arrived: float) -> None:
        """A message left the kernel at ``sent``, its clock, and arrived at ``arrived``, the page's.

        Numbers that are not finite, or beyond ``MAX_MOMENT_S``, are left out.
        """
        self._bound(arrived, sent - arrived, below=True)

    def up(self, sent: float, received: float) -> None:
        """A message left the page at ``sent``, its clock, and was received at ``received``, the
        kernel's. Refuses what ``down`` refuses."""
        self._bound(sent, received - sent, below=False)

    def place(self, moment: float) -> Placed | None:
        """The page's ``moment`` on the kernel's clock, or ``None`` if that is unknown."""
        if not _usable(moment):
            return None
        with self._lock:
            for epoch in reversed(self._epochs):
                if moment >= epoch.start:
                    interval = epoch.interval(moment)
                    return None if interval is None else self._middle(moment, *interval)
        return None

    def span(self, now: float) -> tuple[float, float] | None:
        """θ and its error at the kernel's moment ``now``, in seconds, or ``None`` if it is unknown.

        For now: it is that of the last messages, if neither clock has stopped since.
        """
        if not _usable(now):
            return None
        with self._lock:
            interval = self._epochs[-1].latest(now)
        if interval is None:
            return None
        placed = self._middle(0.0, *interval)
        return placed.moment, placed.error

    @property
    def bounds(self) -> int:
        """How many bounds are kept."""
        with self._lock:
            return sum(len(epoch) for epoch in self._epochs)

    def _middle(self, moment: float, low: float, high: float) -> Placed:
        # Coarse readings may cross by a grain.
        return Placed(moment + (low + high) / 2, abs(high - low) / 2 + self._grain)

    def _bound(self, moment: float, offset: float, *, below: bool) -> None:
        if not (_usable(moment) and _usable(offset)):
            return
        with self._lock:
            epoch = self._epochs[-1]
            if moment < epoch.start:
                return  # late news of before a jump: which side it belongs to is unknown
            slack = _SLACK_S + 2 * self._grain
            fits = (
                epoch.floor(moment, offset, slack) if below else epoch.ceil(moment, offset, slack)
            )
            if fits:
                return
            start = epoch.close(moment)
            if not len(epoch):
                self._epochs.pop()
            self._epochs.append(_Epoch(start))
            del self._epochs[:-MAX_EPOCHS]
        if moment >= start:
            self._bound(moment, offset, below=below)


class _Epoch:
    """A time in which neither clock was seen to stop, from the page's moment ``start`` on."""

    def __init__(self, start: float) -> None:
        self.start = start
        self._end = math.inf
        self._floors = _Floors()
        self._ceilings = _Floors()  # of -θ
        self._first_floor = self._first_ceiling = math.inf
        # Up to here, messages from the page were as quick as before.
        self._confirmed = -math.inf
        # Those behind it that were not, the loosest last.
        self._late: list[tuple[float, float]] = []

    def __len__(self) -> int:
        return len(self._floors) + len(self._ceilings) + len(self._late)

    def floor(self, moment: float, offset: float, slack: float) -> bool:
        """θ is at least ``offset`` at ``moment``; ``False`` if that can't be in this epoch."""
        ceiling = self._ceilings.at(moment)
        if ceiling is not None and offset > -ceiling + slack:
            return False
        self._floors.add(moment, offset)
        self._first_floor = min(self._first_floor, moment)
        return True

    def ceil(self, moment: float, offset: float, slack: float) -> bool:
        """θ is at most ``offset`` at ``moment``; ``False`` if that can't be in this epoch."""
        floor = self._floors.at(moment)
        if floor is not None and offset < floor - slack:
            return False
        known = self._ceilings.at(moment)
        if known is None or offset <= -known + PROMPT_S:
            self._ceilings.add(moment, -offset)
            self._first_ceiling = min(self._first_ceiling, moment)
            self._confirmed = max(self._confirmed, moment)
            self._late = [row for row in self._late if row[0] > self._confirmed]
        elif moment > self._confirmed:
            self._add_late(moment, offset)
        return True

    def _add_late(self, moment: float, offset: float) -> None:
        if self._late and moment < self._late[-1][0]:
            return
        late = self._late
        while late and late[-1][1] >= offset + DRIFT * (moment - late[-1][0]):
            late.pop()
        late.append((moment, offset))
        del late[:-MAX_BOUNDS]

    def close(self, moment: float) -> float:
        """A bound at ``moment`` did not fit; when the next epoch begins, by the page's clock."""
        start = max(moment, self._confirmed)
        self._end = min(moment, self._confirmed)
        self._floors.cut(self._end)
        self._ceilings.cut(self._end)
        self._late = []
        return start

    def interval(self, moment: float) -> tuple[float, float] | None:
        """The least and the greatest θ at ``moment``.

        Which bounds may be used rests on which jumps would have been seen: one between a floor
        and a later ceiling, if down, and between a ceiling and a later floor, if up.
        """
        if moment > self._end:
            return None
        floored, ceiled = self._first_floor <= moment, self._first_ceiling <= moment
        lows = [self._floors.before(moment)]
        if ceiled:
            lows.append(self._floors.after(moment))
        highs = []
        if moment <= self._confirmed:
            highs = [self._ceilings.before(moment)]
            if floored:
                highs.append(self._ceilings.after(moment))
        elif floored:
            highs = [self._lateness(moment)]
        low = max((one for one in lows if one is not None), default=None)
        high = min((-one for one in highs if one is not None), default=None)
        return None if low is None or high is None else (low, high)

    def _lateness(self, moment: float) -> float | None:
        index = bisect_left(self._late, moment, key=lambda row: row[0])
        if index == len(self._late):
            return None
        at, offset = self._late[index]  # the tightest for it, as the looser ones come later
        return -offset - DRIFT * (at - moment)

    def latest(self, now: float) -> tuple[float, float] | None:
        """The least and the greatest θ at the kernel's moment ``now``, after all bounds."""
        guess = self._floors.last
        if guess is None or not len(self._ceilings):
            return None
        moment = now - guess
        low, ceiling = self._floors.at(moment), self._ceilings.at(moment)
        if low is None or ceiling is None:
            return None
        high = max([-ceiling, *(offset for _, offset in self._late[-1:])])
        return low, high


class _Floors:
    """Bounds from below of one value that drifts, in the order of their moments.

    None is kept that follows from another, so that of each side of a moment the next one is the
    tightest there.
    """

    def __init__(self) -> None:
        self._moments: list[float] = []
        self._values: list[float] = []
        self._cell = 0.5

    def __len__(self) -> int:
        return len(self._moments)

    @property
    def last(self) -> float | None:
        return self._values[-1] if self._values else None

    def before(self, moment: float) -> float | None:
        """What the bounds up to ``moment`` say of it."""
        index = bisect_right(self._moments, moment) - 1
        if index < 0:
            return None
        return self._values[index] - DRIFT * (moment - self._moments[index])

    def after(self, moment: float) -> float | None:
        """What the bounds from ``moment`` on say of it."""
        index = bisect_left(self._moments, moment)
        if index == len(self._moments):
            return None
        return self._values[index] - DRIFT * (self._moments[index] - moment)

    def at(self, moment: float) -> float | None:
        """What all bounds say of ``moment``."""
        before, after = self.before(moment), self.after(moment)
        if before is None or after is None:
            return after if before is None else before
        return max(before, after)

    def add(self, moment: float, value: float) -> None:
        """Another bound; what follows from it goes, and it is left out if it follows itself."""
        known = self.at(moment)
        if known is not None and known >= value:
            return
        moments, values = self._moments, self._values
        stop = bisect_left(moments, moment)
        start = stop
        while start and value - DRIFT * (moment - moments[start - 1]) >= values[start - 1]:
            start -= 1
        while stop < len(moments) and value - DRIFT * (moments[stop] - moment) >= values[stop]:
            stop += 1
        moments[start:stop], values[start:stop] = [moment], [value]
        if len(moments) > MAX_BOUNDS:
            self._thin()
            while len(self._moments) > MAX_BOUNDS * 3 // 4:
                self._cell *= 2
                self._thin()

    def _thin(self) -> None:
        # Fewer bounds are never wrong, only wider: by the drift over such a stretch at most.
        best: dict[float, tuple[float, float]] = {}
        for moment, value in zip(self._moments, self._values, strict=True):
            cell = moment // self._cell
            if cell not in best or best[cell][1] < value:
                best[cell] = (moment, value)
        self._moments = [moment for moment, _ in best.values()]
        self._values = [value for _, value in best.values()]

    def cut(self, end: float) -> None:
        """Forget what lies behind ``end``."""
        index = bisect_right(self._moments, end)
        del self._moments[index:], self._values[index:]


def _usable(number: float) -> bool:
    return math.isfinite(number) and abs(number) <= MAX_MOMENT_S
