"""What a shelf shows: a page of rows, and below them what plays and what is compared."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from html import escape
from typing import Final

import anywidget
import ipywidgets as widgets

from cartesia_nb.player.player import Player
from cartesia_nb.speaker.speaker import Speaker
from cartesia_nb.speech.wording import count, plain
from cartesia_nb.tuning.entry import Entry
from cartesia_nb.tuning.mainthread import MainThread
from cartesia_nb.tuning.shelfrow import Acts, Looks, Row

PAGE: Final = 8
"""Takes that are shown at once. There are never more than twice as many rows, of seven widgets
each: they are used again."""


class ShelfView:
    """The widgets of a shelf. To be made and called in the main thread.

    Args:
        acts: what can be done with a take.
        main: the main thread, in which these are called, and the following too.
        turn: called with -1 for newer takes, 1 for older ones.
        compare: called to compare those that are ticked.
        end: called when the comparison is to end.

    Attributes:
        widget: all of it.
    """

    def __init__(
        self,
        acts: Acts,
        main: MainThread,
        *,
        turn: Callable[[int], None],
        compare: Callable[[], None],
        end: Callable[[], None],
    ) -> None:
        def button(text: str, act: Callable[[], object], icon: str = "") -> widgets.Button:
            made = widgets.Button(description=text, icon=icon, layout=widgets.Layout(width="auto"))
            made.on_click(lambda button: main.here(act))
            return made

        self._acts = acts
        self._main = main
        self._looks = Looks()
        self._rows: dict[int, Row] = {}
        self._free: deque[Row] = deque()
        self._count = widgets.HTML(layout=widgets.Layout(flex="1 1 auto"))
        self._newer = button("Newer", lambda: turn(-1), "chevron-left")
        self._older = button("Older", lambda: turn(1), "chevron-right")
        self._compare = button("Compare", compare, "exchange")
        self._compare.tooltip = "Listen to the ticked takes beside each other"
        self._end = button("End the comparison", end)
        self._list = widgets.VBox()
        self._status = widgets.HTML()
        self._stage = widgets.VBox()
        self._compared = widgets.VBox()
        head = widgets.HBox(
            [self._count, self._newer, self._older, self._compare],
            layout=widgets.Layout(flex_flow="row wrap", align_items="center"),
        )
        self.widget = widgets.VBox([head, self._list, self._status, self._stage, self._compared])
        self.widget.add_class("cartesia-nb-shelf")

    def show(self, newest: Sequence[Entry], page: int) -> int:
        """Show a page of all takes, newest first; the page that is shown, from 0."""
        pages = max(1, -(-len(newest) // PAGE))
        page = max(0, min(page, pages - 1))
        shown = newest[page * PAGE : (page + 1) * PAGE]
        self._draw_rows(shown)
        for turn, there in ((self._newer, page > 0), (self._older, page < pages - 1)):
            turn.layout.display = None if pages > 1 else "none"
            turn.disabled = not there
        total = count(len(newest), "take")
        if pages > 1:
            total += f", #{shown[0].number} to #{shown[-1].number} shown"
        self._count.value = total if newest else "No takes yet."
        self.ticked(sum(entry.ticked for entry in newest))
        return page

    def _draw_rows(self, shown: Sequence[Entry]) -> None:
        wanted = {entry.number for entry in shown}
        for number in [number for number in self._rows if number not in wanted]:
            self._free.append(self._rows.pop(number))
        for entry in shown:
            row = self._rows.get(entry.number)
            if row is None:
                # Of those that are free the one that left first: what was pressed in it, while it
                # stood for another take, has come by now.
                full = len(self._rows) + len(self._free) >= 2 * PAGE
                row = self._free.popleft() if full else self._row()
                self._rows[entry.number] = row
            row.show(entry)
        children = tuple(self._rows[entry.number].widget for entry in shown)
        if self._list.children != children:
            self._list.children = children

    def refresh(self, entry: Entry) -> None:
        """Something else is told of a take, which may be shown."""
        row = self._rows.get(entry.number)
        if row is not None:
            row.show(entry)

    def close(self) -> None:
        """Close what is not shown. What is shown stays."""
        while self._free:
            self._free.pop().close()
        if self._end not in self._compared.children:
            for part in (self._end.layout, self._end.style, self._end):
                part.close()

    def _row(self) -> Row:
        return Row(self._acts, self._main, self._looks)

    def ticked(self, number: int) -> None:
        """So many are ticked."""
        self._compare.disabled = number < 2
        self._compare.description = f"Compare {number}" if number > 1 else "Compare"

    def say(self, lines: Sequence[str]) -> None:
        """Say these lines, and nothing else."""
        shown = "<br>".join(escape(plain(line)) for line in lines)
        self._status.value = f'<span role="status">{shown}</span>' if shown else ""

    def stage(self, take: str, make: Callable[[], Player]) -> None:
        """Show the player of a take, made unless it is there, and no other."""
        if not any(player.take == take for player in self._stage.children):
            player = make()
            self.clear_stage()
            self._stage.children = (player,)

    def clear_stage(self) -> None:
        """Show no player, and silence the one that was shown."""
        shown, self._stage.children = self._stage.children, ()
        for player in shown:
            # Not player.stop(), which would end what is still being generated.
            speaker = Speaker.current()
            if speaker is not None:
                speaker.command("stop", player.take)
            player.close()

    def compare(self, listening: anywidget.AnyWidget | None) -> None:
        """Show a comparison instead of the one before, or none."""
        shown = self._compared.children
        self._compared.children = () if listening is None else (listening, self._end)
        for each in shown:
            if each is not self._end:
                each.close()
