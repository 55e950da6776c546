"""Working controls as a page does, on a loop as a kernel has one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import ipywidgets as widgets


class Hands:
    """What a person sees and does, by what stands on the controls."""

    def __init__(self, widget: widgets.Widget) -> None:
        self._widget = widget

    def _all(self) -> list[widgets.Widget]:
        found, left = [], [self._widget]
        while left:
            at = left.pop()
            found.append(at)
            left += getattr(at, "children", ())
        return found

    def the(self, description: str) -> widgets.Widget:
        (found,) = (at for at in self._all() if getattr(at, "description", None) == description)
        return found

    @property
    def said(self) -> str:
        shown = [at for at in self._all() if isinstance(at, widgets.HTML)]
        return " | ".join(at.value for at in shown)

    @property
    def rows(self) -> list[str]:
        return [label for label, _ in self.the("Voices").options]


def hidden(widget: widgets.Widget) -> bool:
    return bool(widget.layout.display == "none")


def kernel(work: Callable[[], Awaitable[None]]) -> None:
    """Run a test as a kernel's main thread does: on a loop."""

    async def main() -> None:
        await work()

    asyncio.run(asyncio.wait_for(main(), 30))


async def until(reached: Callable[[], object]) -> None:
    while not reached():
        await asyncio.sleep(0.01)
