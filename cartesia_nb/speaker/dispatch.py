"""Which message leaves next, over all takes, and when."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from cartesia_nb.speaker import messages
from cartesia_nb.speaker.lane import CHUNKS_S, PROGRESS_S, ClocksAt, Lane, Parcel, no_clocks
from cartesia_nb.speaker.pacing import Bucket
from cartesia_nb.speech.recording import Recording

Send = Callable[[messages.Message, "bytes | None"], None]

KEPT_BYTES: Final = 100_000_000
"""What ended takes may take up, all together, so that a page can ask for a lost part again.
A take that somebody holds, or that a player shows, stays reachable whatever this says."""

ANSWER_EVERY: Final = 3
"""One message in so many is for what pages asked for again, however much is live."""


class Dispatch:
    """Sends what the takes have to say, under the bound, first things first.

    First the beginnings of takes, then what is being heard, then the other live takes, then what
    pages asked for again, which has a share of its own. For the network loop alone.

    Args:
        send: sends one message with its buffer.
        clocks: what the pages' clocks are behind this process's at a moment of it.
    """

    def __init__(self, send: Send, clocks: ClocksAt = no_clocks) -> None:
        self._send = send
        self._clocks = clocks
        self._lanes: OrderedDict[str, Lane] = OrderedDict()
        self._active: OrderedDict[str, Lane] = OrderedDict()  # those with something to send
        self._bucket = Bucket(time.monotonic())
        self._timer: asyncio.TimerHandle | None = None
        self._hearing: str | None = None
        self._chunks_at = -math.inf
        self._turn = 0

    def add(self, recording: Recording, *, play: bool, interrupt: bool = False) -> None:
        """Begin to carry a take to the page."""
        if recording.id in self._lanes:
            return
        self._carry(self._lane(recording, play=play, interrupt=interrupt))
        self._drop_old()
        self.pump()

    def _lane(self, recording: Recording, *, play: bool, interrupt: bool = False) -> Lane:
        return Lane(recording, play=play, interrupt=interrupt, clocks=self._clocks)

    def _carry(self, lane: Lane) -> Lane:
        take = lane.recording.id
        self._lanes[take] = self._active[take] = lane
        lane.recording.subscribe(lambda change: self.pump())
        return lane

    def ask(self, need: messages.Need, recording: Recording | None) -> None:
        """Answer a page that misses something of a take."""
        lane = self._lanes.get(need.take)
        if lane is None and recording is not None:
            lane = self._carry(self._lane(recording, play=False))
            # Of a take that is over nothing is live: it gets what it asked for, no more.
            lane.finished = recording.ended
        if lane is None:
            self._now(Parcel(messages.gone(need.take, now=time.monotonic())))
            return
        self._ask(lane, need)
        self.pump()

    def _ask(self, lane: Lane, need: messages.Need) -> None:
        lane.ask(need)
        self._active[lane.recording.id] = lane

    def recall(self) -> None:
        """Tell a page that has just come of every take that is live or was not heard yet."""
        for lane in self._lanes.values():
            if not lane.finished or (lane.play and lane.recording.heard is None):
                self._ask(lane, messages.Need(lane.recording.id, (), None, None))
        self.pump()

    def hearing(self, take: str) -> None:
        """A page is playing this take."""
        self._hearing = take

    def find(self, take: str) -> Recording | None:
        """The recording of a take that is still kept."""
        lane = self._lanes.get(take)
        return None if lane is None else lane.recording

    def forget(self, take: str) -> None:
        """Send no more of a take, whatever was asked for."""
        self._lanes.pop(take, None)
        self._active.pop(take, None)

    def command(self, name: messages.Command, take: str | None, position: float | None) -> None:
        """Send a command to the pages, at once."""
        self._now(Parcel(messages.command(name, take, position, now=time.monotonic())))

    def pump(self) -> None:
        """Send what may be sent now; come back for the rest."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while True:
            now = time.monotonic()
            parcel = self._urgent(now)
            if parcel is None and (rows := self._chunks(now)) is not None:
                # Beside the bound, and a bound of its own: no audio waits for them.
                self._send(rows.message, rows.buffer)
                continue
            if parcel is None:
                wait = self._bucket.wait(now)
                if wait > 0:
                    if self._active:
                        self._later(wait)
                    return
                parcel = self._ordinary(now)
            if parcel is None:
                break
            self._now(parcel)
        for take, lane in list(self._active.items()):
            if lane.finished and not lane.asked:
                del self._active[take]
        if self._active:
            self._later(min(PROGRESS_S, CHUNKS_S))

    def _urgent(self, now: float) -> Parcel | None:
        for lane in self._active.values():
            if lane.urgent:
                return lane.next(now)
        return None

    def _chunks(self, now: float) -> Parcel | None:
        if now - self._chunks_at < CHUNKS_S:
            return None
        lanes = sorted(self._active.values(), key=lambda lane: lane.chunks_at)
        rows = next((parcel for lane in lanes if (parcel := lane.next_chunks(now))), None)
        if rows is not None:
            self._chunks_at = now
        return rows

    def _ordinary(self, now: float) -> Parcel | None:
        # What pages asked for again comes last, but gets its share: a take that streams for an
        # hour must not keep a reloaded page waiting for the others.
        self._turn = (self._turn + 1) % ANSWER_EVERY
        if self._turn == 0:
            return self._answer() or self._live(now)
        return self._live(now) or self._answer()

    def _live(self, now: float) -> Parcel | None:
        lanes = sorted(self._active.items(), key=lambda item: item[0] != self._hearing)
        for take, lane in lanes:
            parcel = lane.next(now)
            if parcel is not None:
                self._active.move_to_end(take)  # those that are not heard take turns
                return parcel
        return None

    def _answer(self) -> Parcel | None:
        for take, lane in list(self._active.items()):
            parcel = lane.next_answer()
            if parcel is not None:
                self._active.move_to_end(take)
                return parcel
        return None

    def _now(self, parcel: Parcel) -> None:
        self._bucket.spend(len(parcel.buffer or b""), time.monotonic())
        self._send(parcel.message, parcel.buffer)

    def _later(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(seconds, 0.001), self.pump)

    def _drop_old(self) -> None:
        kept = sum(lane.recording.store.size for lane in self._lanes.values())
        for take, lane in list(self._lanes.items()):
            if kept <= KEPT_BYTES:
                return
            # A page asks again for what it let go of the one that it plays.
            if lane.finished and not lane.asked and take != self._hearing:
                kept -= lane.recording.store.size
                del self._lanes[take]
