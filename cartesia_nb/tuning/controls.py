"""A control for every setting, laid out: what one tunes first at the top, the rest folded away."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Final

import ipywidgets as widgets

from cartesia_nb.speech.settings import FIELDS, Settings
from cartesia_nb.speech.wording import plain
from cartesia_nb.tuning.field import (
    OWN,
    ChoiceField,
    Field,
    FieldsField,
    FlagField,
    NumberField,
    TextField,
    spaceless,
)
from cartesia_nb.tuning.mainthread import MainThread
from cartesia_nb.tuning.speaking import Speaks
from cartesia_nb.tuning.voicebrowser import VoiceBrowser

# One column in a narrow notebook, two or three on a projector.
_COLUMNS: Final = "repeat(auto-fit, minmax(min(24rem, 100%), 1fr))"

_FIRST: Final = ("speed", "volume", "emotion", "language", "model_id")
_FORMAT: Final = ("sample_rate", "encoding", "max_buffer_delay_ms")
_MORE: Final = (
    "add_timestamps",
    "add_phoneme_timestamps",
    "use_normalized_timestamps",
    "pronunciation_dict_id",
    "extra",
)


class Controls:
    """All settings on the page.

    To be made and called in the kernel's main thread.

    Args:
        speaks: whose voices are offered.
        settings: what stands on them at first.
        main: the main thread.
        changed: called there with the name of a setting that a person changed.

    Attributes:
        widget: what is shown.
    """

    def __init__(
        self,
        speaks: Speaks,
        settings: Settings,
        *,
        main: MainThread,
        changed: Callable[[str], None],
    ) -> None:
        self._main = main
        self._changed = changed
        self._showing = False
        self._voice = _VoiceField(speaks, settings.voice, lambda: self._tell("voice"))
        self._fields = self._made()
        self.show(settings)
        rest = widgets.Accordion(
            [self._grid(_FORMAT), self._grid(_MORE)],
            titles=("Format and buffering", "Timestamps, pronunciation, other fields"),
        )
        self.widget = widgets.VBox([self._grid(_FIRST), self._voice.widget, rest])

    def _made(self) -> dict[str, Field]:
        def on(name: str) -> Callable[[], None]:
            return lambda: self._tell(name)

        def text(name: str, label: str, empty: str = "") -> Field:
            return TextField(name, label, self._watch, on(name), empty=empty)

        def number(name: str, label: str) -> Field:
            return NumberField(name, label, self._watch, on(name))

        def choice(name: str, label: str, **names: str) -> Field:
            by_value = {_value(key): said for key, said in names.items()}
            return ChoiceField(name, label, self._watch, on(name), names=by_value)

        def flag(name: str, label: str) -> Field:
            return FlagField(name, label, self._watch, on(name))

        return {
            "model_id": text("model_id", "Model"),
            "voice": self._voice,
            "language": text("language", "Language", OWN),
            "encoding": choice("encoding", "Encoding"),
            "sample_rate": choice("sample_rate", "Sample rate"),
            "speed": number("speed", "Speed"),
            "volume": number("volume", "Volume"),
            "emotion": choice("emotion", "Emotion", none=OWN),
            "max_buffer_delay_ms": number("max_buffer_delay_ms", "Buffering"),
            "add_timestamps": flag("add_timestamps", "Times of words"),
            "add_phoneme_timestamps": flag("add_phoneme_timestamps", "Times of phonemes"),
            "use_normalized_timestamps": choice(
                "use_normalized_timestamps",
                "Times for text",
                none="as the server does",
                true="as it is spoken",
                false="as it is written",
            ),
            "pronunciation_dict_id": text("pronunciation_dict_id", "Dictionary", "no id"),
            "extra": FieldsField("extra", "Other fields", self._watch, on("extra")),
        }

    def show(self, settings: Settings, *, but: Container[str] = ()) -> None:
        """Put settings on the controls, exactly; nobody is called.

        Args:
            settings: what to show.
            but: settings whose controls are left as they are.
        """
        self._showing = True
        try:
            for name, field in self._fields.items():
                if name not in but:
                    field.show(getattr(settings, name))
        finally:
            self._showing = False

    def read(self, name: str) -> object:
        """What stands on a control, for ``Settings`` to check.

        Raises:
            SettingsError: it is no value at all.
        """
        return self._fields[name].read()

    def of(self, name: str) -> widgets.Widget:
        """The widget of one setting."""
        return self._fields[name].widget

    def voice_name(self, voice: str) -> str:
        """What a voice's id is called: its name once the list has come."""
        return self._voice.browser.name(voice)

    def close(self) -> None:
        """Take no more news from the server."""
        self._voice.browser.close()

    def _watch(self, widget: widgets.Widget, changed: Callable[[], None]) -> None:
        widget.observe(lambda change: self._main.here(changed), "value")

    def _tell(self, name: str) -> None:
        # What comes from a page comes here between cells; within show() it is show's own doing.
        if not self._showing:
            self._changed(name)

    def _grid(self, names: tuple[str, ...]) -> widgets.Widget:
        return widgets.GridBox(
            [self._fields[name].widget for name in names],
            layout=widgets.Layout(grid_template_columns=_COLUMNS, grid_gap="0.2rem 1rem"),
        )


class _VoiceField:
    """The voice: its name, and the browser folded away below it."""

    def __init__(self, speaks: Speaks, voice: str, changed: Callable[[], None]) -> None:
        self._chosen = voice
        self._changed = changed
        self.browser = VoiceBrowser(speaks, self._choose, voice=voice, listed=self._name)
        self.widget = widgets.Accordion([self.browser.widget])
        self._name()

    def show(self, value: object) -> None:
        self._chosen = str(value)
        self.browser.voice = self._chosen
        self._name()

    def read(self) -> object:
        return spaceless("voice", self._chosen)

    def _choose(self, voice: str) -> None:
        self._chosen = voice
        self._name()
        self._changed()

    def _name(self) -> None:
        self.widget.titles = (f"Voice: {plain(self.browser.name(self._chosen))}",)


def _value(name: str) -> object:
    return {"none": None, "true": True, "false": False}.get(name, name)


assert {*_FIRST, *_FORMAT, *_MORE, "voice"} == {*FIELDS}
