"""A page's main thread as Chromium counts and traces it, and what its page holds."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypedDict, cast

from playwright.sync_api import Browser, Page

_TRACED: Final = ["-*", "devtools.timeline", "disabled-by-default-devtools.timeline", "toplevel"]


class _Event(TypedDict, total=False):
    name: str
    pid: int
    tid: int
    dur: int
    tdur: int
    args: dict[str, object]


@dataclass
class Phase:
    """What a page did meanwhile, in seconds; filled when the phase is over."""

    wall: float = 0.0
    #: Of the main thread's own clock: all tasks, and scripts among them.
    task: float = 0.0
    script: float = 0.0
    #: The longest task, by the wall and by the main thread's own clock.
    longest_wall: float = 0.0
    longest: float = 0.0


class MainThread:
    """The main thread of one page. Times in seconds; CPU time of that thread where nothing is said.

    Args:
        browser: the page's.
        page: one that stays where it is.
    """

    def __init__(self, browser: Browser, page: Page) -> None:
        self._browser = browser
        self._page = page
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._marks = 0

    @contextmanager
    def phase(self, *, traced: bool = True) -> Iterator[Phase]:
        """Count from here to the end of the block; one phase of a browser at a time is traced."""
        phase = Phase()
        mark = f"mark {id(self)} {self._marks}"
        self._marks += 1
        if traced:
            self._browser.start_tracing(page=self._page, categories=_TRACED)
            self._page.evaluate("(mark) => console.timeStamp(mark)", mark)
        began, before = time.monotonic(), self._read()
        yield phase
        after = self._read()
        phase.wall = time.monotonic() - began
        phase.task = after["TaskDuration"] - before["TaskDuration"]
        phase.script = after["ScriptDuration"] - before["ScriptDuration"]
        if traced:
            tasks = _tasks(self._browser.stop_tracing(), mark)
            phase.longest_wall = max(event.get("dur", 0) for event in tasks) / 1e6
            phase.longest = max(event.get("tdur", 0) for event in tasks) / 1e6

    def held(self) -> dict[str, float]:
        """Bytes in the page's heap after a collection: objects, and what arrays lie in."""
        self._session.send("HeapProfiler.collectGarbage")
        usage = self._session.send("Runtime.getHeapUsage")
        return {"objects": usage["usedSize"], "arrays": usage.get("backingStorageSize", 0)}

    def _read(self) -> dict[str, float]:
        answer = self._session.send("Performance.getMetrics")
        return {row["name"]: row["value"] for row in answer["metrics"]}


def _tasks(trace: bytes, mark: str) -> list[_Event]:
    """The tasks of the main thread of the page that set ``mark``."""
    events = cast("list[_Event]", json.loads(trace)["traceEvents"])
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"].get("name") == "CrRendererMain"
    }
    marked = {
        event["pid"]
        for event in events
        if event["name"] == "TimeStamp" and mark in str(event["args"])
    }
    return [
        event
        for event in events
        if event["name"] == "RunTask"
        and event["pid"] in marked
        and (event["pid"], event["tid"]) in mains
    ]
