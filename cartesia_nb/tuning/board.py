"""What a tuner shows: the text, the buttons, the take, the controls, and what there is to tell."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Protocol

import ipywidgets as widgets

from cartesia_nb.player.player import Player
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning.controls import Controls
from cartesia_nb.tuning.desk import Copyable, Waits
from cartesia_nb.tuning.mainthread import MainThread


class Pressed(Protocol):
    """What a person may do on the board; ``stop`` in any thread, else in the main thread."""

    text: str
    speak_on_change: bool

    def press_speak(self) -> None:
        """Speak."""

    def stop(self) -> None:
        """Stop."""


class Board:
    """The tuner's widgets. To be made and called in the kernel's main thread.

    Args:
        controls: of the settings.
        pressed: is told of what a person does.
        main: the main thread.
        shelf: of the takes so far.

    Attributes:
        widget: all of it.
    """

    def __init__(
        self, controls: Controls, pressed: Pressed, main: MainThread, *, shelf: widgets.Widget
    ) -> None:
        self._pressed = pressed
        self._main = main
        self._player: Player | None = None
        wide = widgets.Layout(width="auto")
        # Told when it is left: half a sentence is nothing to speak by itself.
        self._text = widgets.Textarea(
            value=pressed.text,
            placeholder="What is to be said",
            rows=3,
            continuous_update=False,
            layout=wide,
        )
        self._speak = widgets.Button(
            description="Speak", icon="volume-up", button_style="primary", tooltip="Speak it anew"
        )
        self._stop = widgets.Button(
            description="Stop", icon="stop", tooltip="Stop what was spoken here last"
        )
        self._eager = widgets.Checkbox(
            value=pressed.speak_on_change,
            description="Speak on every change",
            tooltip="0.6 s after the last one; each time costs its characters",
            indent=False,
            layout=wide,
        )
        self._state = widgets.HTML()
        self._stage = widgets.VBox()
        self._remarks = widgets.HTML()
        self._spent = widgets.HTML()
        self._code = Copyable(label="With this toolkit")
        self._sdk_code = Copyable(label="With Cartesia's SDK alone")
        pasted = widgets.Accordion(
            [widgets.VBox([self._code, self._sdk_code])], titles=("Code to paste",)
        )
        line = widgets.Layout(flex_flow="row wrap", align_items="center")
        self.widget = widgets.VBox(
            [
                self._text,
                widgets.HBox([self._speak, self._stop, self._eager], layout=line),
                self._state,
                self._stage,
                Waits(),
                self._remarks,
                controls.widget,
                pasted,
                shelf,
                self._spent,
            ]
        )
        self.widget.add_class("cartesia-nb-tuner")
        self._listen()

    def _listen(self) -> None:
        main, pressed = self._main, self._pressed
        self._text.observe(lambda change: main.here(self._text_left), "value")
        self._eager.observe(lambda change: main.here(self._eager_pressed), "value")
        self._speak.on_click(lambda button: main.here(pressed.press_speak))
        # At once, also while a cell runs.
        self._stop.on_click(lambda button: pressed.stop())

    def _text_left(self) -> None:
        self._pressed.text = self._text.value

    def _eager_pressed(self) -> None:
        self._pressed.speak_on_change = self._eager.value

    def show_text(self, text: str) -> None:
        """What is to be said."""
        self._text.value = text

    def show_eager(self, eager: bool) -> None:
        """Whether a change is spoken by itself."""
        self._eager.value = eager

    def show_take(self, take: Take) -> None:
        """Show a take's player in the place of the one before."""
        before, self._player = self._player, Player(take)
        self._stage.children = (self._player,)
        if before is not None:
            _close(before)

    def say(self, text: str, *, wrong: bool = False) -> None:
        """How the take stands, or why there is none."""
        self._state.value = _line(text, "alert" if wrong else "status", wrong=wrong)

    def remark(self, *, wrong: Iterable[str], vain: Iterable[str]) -> None:
        """What is wrong with what stands on the controls, and what of it will have no effect."""
        lines = [_line(each, "alert", wrong=True) for each in wrong]
        self._remarks.value = "".join([*lines, *(_line(each, "status") for each in vain)])

    def show_code(self, code: str, sdk_code: str) -> None:
        """Code to paste: this toolkit's, and the SDK's."""
        self._code.code = code
        self._sdk_code.code = sdk_code

    def show_spent(self, text: str) -> None:
        """How many characters were spent."""
        self._spent.value = _line(text, "note")

    def close(self) -> None:
        """Take all of it off the page."""
        _close(self.widget)


def _line(text: str, role: str, *, wrong: bool = False) -> str:
    look = "color: var(--jp-error-color1, #b00020)" if wrong else ""
    # dir="auto": an error may quote a text that is written from the right.
    return f'<div role="{role}" dir="auto" style="{look}">{html.escape(text)}</div>'


def _close(widget: widgets.Widget) -> None:
    """Close a widget with all that is in it: each has a layout, and perhaps a style, of its own."""
    for child in getattr(widget, "children", ()):
        _close(child)
    parts = [getattr(widget, name, None) for name in ("layout", "style")]
    widget.close()
    for part in parts:
        if isinstance(part, widgets.Widget):
            part.close()
