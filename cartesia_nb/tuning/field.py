"""One setting on the page: a control that shows a value exactly, and reads what a person put in.

What a control allows comes from ``speech.allowed``. Fields are shown and read in the main thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final, Protocol, TypeAlias

import ipywidgets as widgets

from cartesia_nb.errors import SettingsError
from cartesia_nb.speech.allowed import ALLOWED, Allowed

DESCRIPTION: Final = "7.5rem"
"""How wide the descriptions are: the longest one is not cut off."""

BELOW: Final = "8.1rem"
"""Where the controls begin that the descriptions stand before."""

OWN: Final = "the voice's own"
"""What ``None`` means for what shapes the voice."""

Watch: TypeAlias = Callable[[widgets.Widget, Callable[[], None]], None]
"""Has a function called, in the main thread, when a person changed a widget's value."""


class Field(Protocol):
    """One setting's control.

    Attributes:
        widget: what is shown.
    """

    widget: widgets.Widget

    def show(self, value: object) -> None:
        """Put a valid value on the control; ``read`` then gives the same."""

    def read(self) -> object:
        """What stands on it.

        Raises:
            SettingsError: it is no value at all.
        """


class TextField:
    """A text; one with choices offers them and takes others. Empty is ``None`` where it may be."""

    def __init__(
        self, name: str, label: str, watch: Watch, changed: Callable[[], None], *, empty: str = ""
    ) -> None:
        self._name = name
        self._allowed = ALLOWED[name]
        common = {
            **_common(label, self._allowed),
            "placeholder": empty,
            # A letter typed is no value yet.
            "continuous_update": False,
        }
        if self._allowed.choices:
            options = tuple(map(str, self._allowed.choices))
            self.widget = widgets.Combobox(options=options, ensure_option=False, **common)
        else:
            self.widget = widgets.Text(**common)
        watch(self.widget, changed)

    def show(self, value: object) -> None:
        self.widget.value = "" if value is None else str(value)

    def read(self) -> object:
        """Without the spaces around it, which come with what is pasted."""
        text = str(self.widget.value)
        if not text.strip() and self._allowed.optional:
            return None
        return spaceless(self._name, text)


class ChoiceField:
    """One of a few."""

    def __init__(
        self,
        name: str,
        label: str,
        watch: Watch,
        changed: Callable[[], None],
        *,
        names: Mapping[object, str],
    ) -> None:
        allowed = ALLOWED[name]
        choices: list[object] = [None] if allowed.optional else []
        choices += allowed.choices or (True, False)
        # By its place: ipywidgets takes a value of None for nothing selected.
        self._choices = choices
        options = [(names.get(each, str(each)), place) for place, each in enumerate(choices)]
        self.widget = widgets.Dropdown(options=options, **_common(label, allowed))
        watch(self.widget, changed)

    def show(self, value: object) -> None:
        self.widget.value = self._choices.index(value)

    def read(self) -> object:
        return self._choices[self.widget.value]


class FlagField:
    """Yes or no."""

    def __init__(self, name: str, label: str, watch: Watch, changed: Callable[[], None]) -> None:
        self.widget = widgets.Checkbox(
            description=label,
            tooltip=_tooltip(ALLOWED[name]),
            indent=False,
            layout=widgets.Layout(width="auto"),
        )
        watch(self.widget, changed)

    def show(self, value: object) -> None:
        self.widget.value = value

    def read(self) -> object:
        return bool(self.widget.value)


class NumberField:
    """A number on a slider; beside it the voice's own, which moving the slider leaves."""

    def __init__(self, name: str, label: str, watch: Watch, changed: Callable[[], None]) -> None:
        allowed = ALLOWED[name]
        assert allowed.bounds is not None
        low, high = allowed.bounds
        whole = allowed.kind == "whole"
        unit = f" ({allowed.unit})" if allowed.unit else ""
        # Told when the slider is let go. While it is dragged the page would send each place; and
        # one that it is put to from here would come back rounded to a step.
        self._slider = (widgets.IntSlider if whole else widgets.FloatSlider)(
            min=low,
            max=high,
            step=50 if whole else 0.01,
            continuous_update=False,
            readout_format="d" if whole else ".2f",
            **_common(label + unit, allowed),
        )
        self._slider.layout.flex = "1 1 18rem"
        self._slider.layout.min_width = "0"
        self._exact = widgets.Label(layout=widgets.Layout(display="none"))
        self._own: widgets.Checkbox | None = None
        if allowed.optional:
            self._own = widgets.Checkbox(
                description=OWN,
                tooltip=f"Leave the {label.lower()} to the voice",
                indent=False,
                # Below the slider, which so has a track to aim at.
                layout=widgets.Layout(width="auto", flex="1 0 100%", padding=f"0 0 0 {BELOW}"),
            )
            watch(self._own, self._own_or_not)
        self._changed = changed
        self._showing = False
        self._neutral = low if whole else 1.0
        parts = [self._slider, self._exact, self._own]
        self.widget = widgets.HBox(
            [part for part in parts if part is not None],
            # Else in a narrow page the description and the readout leave no track.
            layout=widgets.Layout(flex_flow="row wrap", align_items="center"),
        )
        watch(self._slider, self._moved)

    def show(self, value: object) -> None:
        self._showing = True
        try:
            if self._own is not None:
                self._own.value = value is None
            self._slider.value = self._neutral if value is None else value
        finally:
            self._showing = False
        self._say_exact()

    def read(self) -> object:
        own = self._own is not None and self._own.value
        value: object = None if own else self._slider.value
        return value

    def _moved(self) -> None:
        if not self._showing:
            # A page reckons in steps, and says 1.3900000000000001.
            self.show(round(self._slider.value, 2))
            self._changed()

    def _own_or_not(self) -> None:
        if not self._showing:
            self.show(self.read())
            self._changed()

    def _say_exact(self) -> None:
        # The readout rounds to two places.
        value = self._slider.value
        hidden = value == round(value, 2)
        self._exact.value = "" if hidden else f"= {value!r}"
        self._exact.layout.display = "none" if hidden else ""


class FieldsField:
    """Request fields, as JSON."""

    def __init__(self, name: str, label: str, watch: Watch, changed: Callable[[], None]) -> None:
        self._name = name
        self.widget = widgets.Text(
            placeholder='{"field": "value"}',
            continuous_update=False,
            **_common(label, ALLOWED[name]),
        )
        watch(self.widget, changed)

    def show(self, value: object) -> None:
        assert isinstance(value, Mapping)
        self.widget.value = json.dumps(dict(value), ensure_ascii=False) if value else ""

    def read(self) -> object:
        text = str(self.widget.value).strip()
        try:
            value: object = json.loads(text) if text else {}
        except (ValueError, RecursionError) as fault:
            raise SettingsError(
                f"{self._name} is {_short(text)}, which is no JSON ({fault}). It takes an object "
                'such as {"field": "value"}.'
            ) from None
        return value


def spaceless(name: str, text: str) -> str:
    """``text`` without the spaces around it.

    Raises:
        SettingsError: there are spaces within it, which no id has.
    """
    stripped = text.strip()
    if len(stripped.split()) > 1:
        raise SettingsError(
            f"{name} is {_short(stripped)}, which has spaces in it; no id has. Paste the id alone."
        )
    return stripped


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _common(label: str, allowed: Allowed) -> dict[str, object]:
    return {
        "description": label,
        "tooltip": _tooltip(allowed),
        "style": {"description_width": DESCRIPTION},
        "layout": widgets.Layout(width="auto"),
    }


def _tooltip(allowed: Allowed) -> str:
    return ": ".join(filter(None, [allowed.about[:1].upper() + allowed.about[1:], allowed.range]))
