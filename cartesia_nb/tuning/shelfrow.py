"""A row of a shelf: seven widgets, shown for one take and later used for another."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final, NamedTuple

import ipywidgets as widgets

from cartesia_nb.speech.figures import shown
from cartesia_nb.tuning.entry import Entry
from cartesia_nb.tuning.mainthread import MainThread

_STATES: Final = {"connecting": "speaking…", "speaking": "speaking…", "cancelled": "stopped"}


class Acts(NamedTuple):
    """What can be done with the take of a row, each called with its number, in the main thread."""

    tick: Callable[[int, bool], None]
    replay: Callable[[int], None]
    pin: Callable[[int, bool], None]
    note: Callable[[int, str], None]
    delete: Callable[[int], None]


class Looks:
    """What all rows have in common: a layout and a style are models in the page as well."""

    def __init__(self) -> None:
        self.row = widgets.Layout(
            flex_flow="row wrap",
            align_items="center",
            border_top="1px solid var(--jp-border-color2)",
        )
        self.tick = widgets.Layout(width="auto", flex="0 0 auto", min_width="3.6rem")
        self.told = widgets.Layout(flex="1 1 14rem", min_width="0", width="auto")
        self.press = widgets.Layout(width="2.6rem", flex="0 0 auto")
        self.note = widgets.Layout(flex="1 1 8rem", min_width="6rem", width="auto")
        self._styles: dict[type[widgets.Widget], widgets.Widget] = {}

    def make(self, kind: type[widgets.Widget], **traits: object) -> widgets.Widget:
        """A widget in the style that all of its kind have."""
        if kind in self._styles:
            return kind(style=self._styles[kind], **traits)
        made = kind(**traits)
        self._styles[kind] = made.style
        return made


class Row:
    """One row. To be made and called in the main thread.

    Attributes:
        widget: what is shown.
        number: the number of the take it is for; 0 for none yet.
    """

    def __init__(self, acts: Acts, main: MainThread, looks: Looks) -> None:
        self.number = 0
        self._acts = acts
        self._main = main
        self._showing = False
        make = looks.make
        self._tick = make(widgets.Checkbox, indent=False, layout=looks.tick)
        self._told = make(widgets.HTML, layout=looks.told)
        self._replay = make(widgets.Button, icon="play", layout=looks.press)
        self._pin = make(widgets.ToggleButton, icon="thumb-tack", layout=looks.press)
        self._note = make(
            widgets.Text, placeholder="note", continuous_update=False, layout=looks.note
        )
        self._delete = make(widgets.Button, icon="trash", layout=looks.press)
        parts = [self._tick, self._told, self._replay, self._pin, self._note, self._delete]
        self.widget = widgets.HBox(parts, layout=looks.row)
        # The number is taken when a message comes: what was pressed is what stood there then.
        self._tick.observe(lambda change: self._did(lambda n: acts.tick(n, change["new"])), "value")
        self._pin.observe(lambda change: self._did(lambda n: acts.pin(n, change["new"])), "value")
        self._note.observe(lambda change: self._did(lambda n: acts.note(n, change["new"])), "value")
        self._replay.on_click(lambda button: self._did(acts.replay))
        self._delete.on_click(lambda button: self._did(acts.delete))

    def _did(self, act: Callable[[int], None]) -> None:
        number = self.number
        if not self._showing:
            self._main.here(lambda: act(number))

    def close(self) -> None:
        """Take it off the page."""
        for part in (*self.widget.children, self.widget):
            part.close()

    def show(self, entry: Entry) -> None:
        """Be the row of a take."""
        self._showing = True
        try:
            name = f"take {entry.number}"
            self.number = entry.number
            self._tick.description = f"#{entry.number}"
            self._tick.value = entry.ticked
            self._tick.tooltip = f"Compare {name} with others"
            self._told.value = _told(entry)
            self._replay.tooltip = f"Play {name}"
            self._replay.disabled = entry.over and entry.duration == 0
            self._pin.value = entry.pinned
            self._pin.tooltip = f"Unpin {name}" if entry.pinned else f"Pin {name}: it is kept"
            self._note.value = entry.note
            self._note.tooltip = f"Note on {name}"
            self._delete.disabled = entry.pinned
            self._delete.tooltip = (
                f"Delete {name}: unpin it first" if entry.pinned else f"Delete {name}"
            )
        finally:
            self._showing = False


def _told(entry: Entry) -> str:
    figures = [entry.changes]
    if entry.state in _STATES:
        figures.append(_STATES[entry.state])
    if entry.over and entry.duration:
        figures.append(shown(entry.duration, "length"))
        figures.append(f"TTFA {shown(entry.ttfa, 's')}")
    if entry.error:
        figures.append(f"failed: {entry.error}")
    below = " · ".join(escape(each) for each in figures if each)
    # dir="auto": what is said may be Arabic or Hebrew.
    return (
        '<div style="line-height:1.35;overflow-wrap:anywhere">'
        f'<span dir="auto">{escape(entry.text)}</span><br><small>{below}</small></div>'
    )
