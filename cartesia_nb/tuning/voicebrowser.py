"""A voice chosen among hundreds: searched, heard and taken, or its id pasted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from html import escape
from typing import Final

import ipywidgets as widgets

from cartesia_nb.errors import CartesiaNbError
from cartesia_nb.protocol import limits
from cartesia_nb.speech.recording import Change
from cartesia_nb.speech.samples import sample
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.voices import Voices
from cartesia_nb.speech.wording import count, plain
from cartesia_nb.tuning.mainthread import MainThread
from cartesia_nb.tuning.speaking import Speaks
from cartesia_nb.tuning.voicesearch import VoiceSearch, about, named, row

_ROWS: Final = 5
# Not None, which ipywidgets takes for nothing selected.
_ANY: Final = ("Any", "")
_LINES: Final = "line-height:1.4;padding:2px 0"
_FILL: Final = {"width": "auto", "min_width": "0"}


class VoiceBrowser:
    """Controls to search the server's voices, hear them, and choose one.

    The list is fetched in a thread and searched here, as one types. To be made, assigned to and
    closed in the kernel's main thread.

    Args:
        speaks: whose voices, and who speaks when one is to be heard.
        choose: called with the id of a voice that a person chose, in the main thread.
        voice: the id that is chosen at first.
        listed: called in the main thread when the server's list has come.

    Attributes:
        widget: what to show.
    """

    def __init__(
        self,
        speaks: Speaks,
        choose: Callable[[str], None] = lambda voice: None,
        *,
        voice: str = limits.DEFAULT_VOICE,
        listed: Callable[[], None] = lambda: None,
    ) -> None:
        self._speaks = speaks
        self._choose = choose
        self._listed = listed
        self._main = MainThread()
        self._found = VoiceSearch()
        self._voice = voice
        self._pointed = voice
        self._fetching = 0
        self._loading = True
        self._filling = False
        self._take: Take | None = None
        self._build()
        self._listen()
        self._draw()
        self.fetch()

    @property
    def voice(self) -> str:
        """The id of the voice that is chosen. Assigning calls nobody back."""
        return self._voice

    @voice.setter
    def voice(self, voice: str) -> None:
        if voice != self._voice:
            self._voice = self._pointed = voice
            self._draw()

    def name(self, voice: str) -> str:
        """What a voice is called: its name if the list has it by now, else the id. Main thread."""
        found = self._found.by_id(voice)
        return voice if found is None else named(found)

    def fetch(self) -> None:
        """Ask the server for its voices, in a thread. Main thread."""
        self._fetching += 1
        number = self._fetching
        self._loading = True
        self._again.layout.display = "none"
        self._say(f"Fetching the voices of {self._speaks.backend.label}…")
        threading.Thread(
            target=self._fetch, args=(number,), name="cartesia_nb voices", daemon=True
        ).start()

    def close(self) -> None:
        """Take no more news. What is shown stays."""
        self._fetching += 1

    def _fetch(self, number: int) -> None:
        found: Voices | None = None
        problem = ""
        try:
            found = self._speaks.voices()
        except CartesiaNbError as fault:
            problem = str(fault)
        except Exception as fault:  # whatever it is, the controls have to say that it happened
            problem = f"The voices could not be fetched ({type(fault).__name__}: {fault})."
        self._main.soon(lambda: self._fetched(number, found, problem))

    def _fetched(self, number: int, found: Voices | None, problem: str) -> None:
        if number != self._fetching:
            return
        self._loading = False
        if found is None:
            self._again.layout.display = None
            self._say(f"{problem} An id can be pasted all the same.", alert=True)
            return
        self._found = VoiceSearch(found)
        self._say("")
        self._filling = True
        try:
            self._language.options = [_ANY, *self._found.languages]
            self._gender.options = [_ANY, *self._found.genders]
        finally:
            self._filling = False
        self._draw()
        self._listed()

    # What a person does. The handlers may be called in the thread of a kernel's subshell.

    def _listen(self) -> None:
        for control in (self._search, self._language, self._gender):
            control.observe(lambda change: self._main.here(self._filter), "value")
        self._list.observe(lambda change: self._main.here(self._point), "value")
        self._id.observe(lambda change: self._main.here(self._paste), "value")
        self._use.on_click(lambda button: self._main.here(self._take_pointed))
        self._preview.on_click(lambda button: self._main.here(self._speak))
        self._stop.on_click(lambda button: self._main.here(self._speaks.stop))
        self._again.on_click(lambda button: self._main.here(self.fetch))

    def _filter(self) -> None:
        if not self._filling:
            self._draw()

    def _point(self) -> None:
        if self._filling or self._list.value is None:
            return
        self._pointed = self._list.value
        self._draw_pointed()

    def _paste(self) -> None:
        if self._filling or self._id.value == self._voice:
            return
        wanted = self._id.value.strip()
        if wanted:
            self._chosen(wanted)
        else:  # none at all is no voice
            self._draw()

    def _take_pointed(self) -> None:
        self._chosen(self._pointed)

    def _chosen(self, voice: str) -> None:
        changed = voice != self._voice
        self._voice = self._pointed = voice
        self._draw()
        if changed:
            self._choose(voice)

    def _speak(self) -> None:
        voice = self._found.by_id(self._pointed)
        settings: dict[str, object] = {"voice": self._pointed}
        language = self._speaks.settings.language
        if voice is not None and voice.language is not None:
            settings["language"] = language = voice.language
        try:
            take = self._speaks.say(sample(language), play=True, interrupt=True, **settings)
        except CartesiaNbError as fault:
            self._say(str(fault), alert=True)
            return
        self._say("")
        # Kept: nobody else does, and a page that missed a part asks for it.
        self._take = take
        recording = take._recording

        def changed(change: Change) -> None:
            if recording.ended:
                unsubscribe()
                self._main.soon(lambda: self._spoken(take))

        unsubscribe = recording.subscribe(changed)
        if recording.ended:  # before anybody listened
            self._spoken(take)

    def _spoken(self, take: Take) -> None:
        if take is self._take and take.error is not None:
            self._say(str(take.error), alert=True)

    # What is shown.

    def _build(self) -> None:
        wide = widgets.Layout(flex="1 1 14em", **_FILL)
        short = widgets.Layout(flex="1 1 9em", **_FILL)
        press = widgets.Layout(width="auto")
        fitting = {"description_width": "initial"}
        self._search = widgets.Text(
            description="Search voices",
            placeholder="name, description, id",
            style=fitting,
            layout=wide,
        )
        self._language = widgets.Dropdown(
            description="Language", options=[_ANY], style=fitting, layout=short
        )
        self._gender = widgets.Dropdown(
            description="Gender", options=[_ANY], style=fitting, layout=short
        )
        self._list = widgets.Select(
            description="Voices", rows=_ROWS, style=fitting, layout=widgets.Layout(**_FILL)
        )
        self._shown = widgets.HTML()
        self._about = widgets.HTML()
        self._use = widgets.Button(
            description="Use this voice", button_style="primary", layout=press
        )
        self._preview = widgets.Button(description="Preview", icon="play", layout=press)
        self._stop = widgets.Button(description="Stop", icon="stop", layout=press)
        self._id = widgets.Text(
            description="Voice id",
            placeholder="paste any id",
            continuous_update=False,
            style=fitting,
            # An id of 36 letters is in sight as a whole.
            layout=widgets.Layout(flex="1 1 24em", **_FILL),
        )
        self._chose = widgets.HTML(layout=widgets.Layout(flex="1 1 12em", **_FILL))
        self._status = widgets.HTML()
        self._again = widgets.Button(
            description="Try again", icon="refresh", layout=widgets.Layout(width="auto")
        )
        line = widgets.Layout(flex_flow="row wrap", align_items="center")
        self.widget = widgets.VBox(
            [
                widgets.HBox([self._search, self._language, self._gender], layout=line),
                self._list,
                self._shown,
                self._about,
                widgets.HBox([self._use, self._preview, self._stop], layout=line),
                widgets.HBox([self._id, self._chose], layout=line),
                widgets.HBox([self._status, self._again], layout=line),
            ]
        )
        self.widget.add_class("cartesia-nb-voices")

    def _draw(self) -> None:
        """Show what matches, with the one pointed at if it is among them."""
        matches = self._found.find(
            self._search.value,
            language=self._language.value or None,
            gender=self._gender.value or None,
        )
        options = [(row(voice), voice.id) for voice in matches]
        self._filling = True
        try:
            if list(self._list.options) != options:
                self._list.options = options
            here = any(voice.id == self._pointed for voice in matches)
            self._list.value = self._pointed if here else None
            self._id.value = self._voice
        finally:
            self._filling = False
        total = len(self._found.voices)
        if self._loading and not total:
            self._shown.value = ""
        elif len(matches) == total:
            self._shown.value = count(total, "voice")
        else:
            self._shown.value = f"{len(matches):,} of {count(total, 'voice')}"
        self._draw_pointed()

    def _draw_pointed(self) -> None:
        voice = self._found.by_id(self._pointed)
        told = "" if voice is None else about(voice)
        title = plain(self._pointed) if voice is None else named(voice)
        self._about.value = f'<div style="{_LINES}"><b>{_text(title)}</b> {_text(told)}</div>'
        self._use.disabled = self._pointed == self._voice
        self._chose.value = self._standing()

    def _standing(self) -> str:
        voice = self._found.by_id(self._voice)
        if voice is not None:
            return _text(f"In use: {named(voice)}")
        if self._found.voices:
            label = self._speaks.backend.label
            return f'<div style="{_LINES}">{_text(f"In use; {label} does not list it.")}</div>'
        return "In use"

    def _say(self, text: str, *, alert: bool = False) -> None:
        role = "alert" if alert else "status"
        shown = f'<div role="{role}" style="{_LINES}">{_text(plain(text))}</div>'
        self._status.value = shown if text else ""


def _text(text: str) -> str:
    # dir="auto": a name may be Arabic or Hebrew.
    return f'<span dir="auto">{escape(text)}</span>' if text else ""
