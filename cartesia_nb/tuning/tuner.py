"""The place where a voice is chosen and its settings are settled: by ear, in one cell."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import traitlets
from traitlets.utils.bunch import Bunch

from cartesia_nb.errors import CartesiaNbError, SettingsError, TakeFileError
from cartesia_nb.speaker.speaker import Speaker
from cartesia_nb.speech.recording import Change, Recording
from cartesia_nb.speech.samples import sample
from cartesia_nb.speech.settings import Settings, ignored
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning import code, standfile, telling
from cartesia_nb.tuning.board import Board
from cartesia_nb.tuning.controls import Controls
from cartesia_nb.tuning.mainthread import MainThread
from cartesia_nb.tuning.refresh import Refresh, Timer
from cartesia_nb.tuning.shelf import Shelf
from cartesia_nb.tuning.speaking import Debounce, Speaks, Wanted

NO_NOTEBOOK: Final = (
    "A tuner needs a notebook to be shown in. In a script, say(text, speed=...) takes the same "
    "settings."
)


class Tuner(traitlets.HasTraits):
    """Controls for every setting, a voice browser, the take they give, and code to paste.

    Shown as a cell's last expression. To be made, closed and assigned to in the kernel's main
    thread; ``speak`` and ``stop`` may be called in any thread.

    Attributes:
        settings: what stands on the controls, both ways: assigning shows it, and
            ``traitlets.link((tuner, "settings"), (other, "settings"))`` holds two together. What a
            control holds that is no valid setting is told of, and the last valid one stays.
        text: what is spoken, both ways.
        speak_on_change: whether a change is spoken by itself, 0.6 s after the last one. Text and
            settings that were just spoken are not spoken again.
        widget: what is shown, to be put into other boxes.

    Args:
        speaks: who speaks; a session.
        text: what is spoken at first; what was last in ``folder``, or a greeting.
        folder: where text, settings and takes are kept, to be there again when the kernel is
            started anew. It is made if it is not there.

    Raises:
        CartesiaNbError: there is no notebook to show it in.
        TakeFileError: the folder can't be made or read.
    """

    settings = traitlets.Instance(Settings, help="What stands on the controls.")
    text = traitlets.Unicode(help="What is spoken.")
    speak_on_change = traitlets.Bool(False, help="Whether a change is spoken by itself.")

    def __init__(
        self, speaks: Speaks, text: str | None = None, *, folder: str | Path | None = None
    ) -> None:
        speaker = Speaker.current()
        if speaker is None:
            raise CartesiaNbError(NO_NOTEBOOK)
        self._speaks = speaks
        self._speaker = speaker
        self._folder = None if folder is None else Path(folder)
        self._faults: dict[str, str] = {}
        wanted = self._standing(text)
        super().__init__(settings=wanted.settings, text=wanted.text)
        self._main = MainThread()
        self._debounce = Debounce()
        self._timer = Timer(self._due)
        self._last: Take | None = None  # spoken here
        self._shown: Take | None = None  # in the player
        self._engine_voices: dict[str, str] = {}
        self._told = Refresh(self._main, self._show_state)
        self._counted = Refresh(self._main, self._show_spent, pause=0.5)
        self._from_control = False
        self._controls = Controls(speaks, self.settings, main=self._main, changed=self._on_control)
        self._shelf = Shelf(self._folder, show=self._replay, voice_name=self._controls.voice_name)
        self._board = Board(self._controls, self, self._main, shelf=self._shelf.widget)
        self.widget = self._board.widget
        self._show_notes()
        self._show_code()
        self._show_spent()
        self._leave = speaks._on_spent(self._counted.soon)
        self.observe(self._on_settings, "settings")
        self.observe(self._on_text, "text")
        self.observe(self._on_eager, "speak_on_change")
        self._name_engine_voices()

    @property
    def takes(self) -> Sequence[Take]:
        """The takes on its shelf, newest last: those of its folder and those it spoke."""
        return self._shelf.takes

    @property
    def code(self) -> str:
        """Code that speaks through this toolkit what stands on the controls."""
        return code.toolkit_code(
            self.text, self.settings, self._speaks.backend, engine_voice=self._engine_voice()
        )

    @property
    def sdk_code(self) -> str:
        """Code that asks for the same with Cartesia's own SDK alone."""
        return code.sdk_code(
            self.text, self.settings, self._speaks.backend, engine_voice=self._engine_voice()
        )

    def speak(self) -> Take:
        """Speak what stands on the controls, anew, whatever was spoken before. Any thread.

        What this tuner spoke last is stopped; what others say goes on, and is waited for.

        Returns:
            The take, at once; it is the newest of ``takes``.

        Raises:
            TextError: there is nothing to say.
            ConnectError: the session is closed.
        """
        return self._speak(Wanted(self.text, self.settings))

    def stop(self) -> None:
        """Stop what this tuner speaks, in the page and upstream. Any thread."""
        self._main.here(self._forget)
        self._silence()

    def close(self) -> None:
        """Stop speaking, and take the controls off the page. Takes that were kept stay."""
        self.stop()
        self._leave()
        self._timer.cancel()
        self._controls.close()
        self._shelf.close()
        self._board.close()

    # Speaking.

    def _speak(self, wanted: Wanted) -> Take:
        self._silence()
        try:
            settings: dict[str, object] = {**wanted.settings.to_dict()}
            take = self._speaks.say(wanted.text, play=True, interrupt=False, **settings)
        except CartesiaNbError as error:
            said = str(error)
            self._main.here(lambda: self._board.say(said, wrong=True))
            raise
        self._last = take
        self._main.here(lambda: self._began(wanted, take))
        return take

    def _silence(self) -> None:
        # Its own alone: what others say in this notebook goes on.
        for take in {self._last, self._shown}:
            if take is not None:
                self._speaker.command("stop", take.id)
                take.cancel()

    def _began(self, wanted: Wanted, take: Take) -> None:
        self._debounce.spoken(wanted)
        self._timer.cancel()
        self._shelf.add(take)
        self._show_take(take)
        recording = take._recording
        # A listener that held the recording would keep its sound from being freed at once.
        reference = weakref.ref(recording)
        recording.subscribe(lambda change: self._changed(reference(), change))
        self._changed(recording, "state")  # it may have ended before
        self._show_state()

    def _changed(self, recording: Recording | None, change: Change) -> None:
        # Network loop. Who looks at the tuner sees what failed.
        if recording is not None and recording.error is not None:
            recording.looked_at = True
        if change in ("state", "audio", "heard"):
            self._told.soon()

    def _show_take(self, take: Take) -> None:
        self._shown = take
        self._board.show_take(take)

    def _replay(self, take: Take) -> None:
        """A take of the shelf is played in the place of the one that is shown."""
        if take is not self._shown:
            self._show_take(take)
        self._speaker.command("play", take.id, 0.0)

    def _due(self) -> None:
        wanted = self._debounce.ready(time.monotonic())
        if wanted is not None:
            self._try(lambda: self._speak(wanted))
        elif self._debounce.due is not None:
            self._timer.set(self._debounce.due - time.monotonic())

    # What a person does. In the main thread, but for stop.

    def press_speak(self) -> None:
        """The button: as ``speak``, but what goes wrong is told in the tuner."""
        self._try(self.speak)

    def _forget(self) -> None:
        self._debounce.forget()
        self._timer.cancel()

    def _try(self, function: Callable[[], object]) -> None:
        try:
            function()
        except CartesiaNbError as error:
            self._debounce.failed()
            self._board.say(str(error), wrong=True)
        except Exception as fault:  # nobody sees a traceback of a button's
            self._board.say(f"It failed: {type(fault).__name__}: {fault}", wrong=True)
            raise

    # What stands on the controls.

    def _standing(self, text: str | None) -> Wanted:
        kept: Wanted | None = None
        if self._folder is not None:
            standfile.prepare(self._folder)
            try:
                kept = standfile.load(self._folder)
            except TakeFileError as fault:
                self._faults["folder"] = str(fault)
        settings = self._speaks.settings if kept is None else kept.settings
        if text is None:
            text = sample(settings.language) if kept is None else kept.text
        return Wanted(text, settings)

    def _on_control(self, name: str) -> None:
        try:
            settings = self.settings.replace(**{name: self._controls.read(name)})
        except SettingsError as fault:
            self._faults[name] = str(fault)
            self._show_notes()
            return
        self._faults.pop(name, None)
        self._from_control = True
        try:
            self.settings = settings
        finally:
            self._from_control = False
        # As it is kept: without the spaces that came with what was pasted.
        self._controls.show(self.settings, but=self._faults)
        self._show_notes()

    def _on_settings(self, change: Bunch) -> None:
        if not self._from_control:
            self._faults.clear()
            self._controls.show(self.settings)
        self._anything_changed()

    def _on_text(self, change: Bunch) -> None:
        self._board.show_text(self.text)
        self._anything_changed()

    def _on_eager(self, change: Bunch) -> None:
        self._board.show_eager(self.speak_on_change)
        if not self.speak_on_change:
            self._forget()

    def _anything_changed(self) -> None:
        wanted = Wanted(self.text, self.settings)
        if self.speak_on_change:
            now = time.monotonic()
            self._debounce.changed(wanted, now)
            if self._debounce.due is None:
                self._timer.cancel()
            else:
                self._timer.set(self._debounce.due - now)
        if self._folder is not None:
            try:
                standfile.save(self._folder, wanted)
                self._faults.pop("folder", None)
            except TakeFileError as fault:
                self._faults["folder"] = str(fault)
        self._show_notes()
        self._show_code()

    def _engine_voice(self) -> str | None:
        return self._engine_voices.get(self.settings.voice)

    def _name_engine_voices(self) -> None:
        if self._speaks.backend.name != "engine":
            return

        def ask() -> None:
            try:
                names = {voice.id: voice.name for voice in self._speaks.voices()}
            except CartesiaNbError:
                return  # the voice browser tells of it
            self._main.soon(lambda: self._engine_voices_are(names))

        threading.Thread(target=ask, name="cartesia_nb engine voices", daemon=True).start()

    def _engine_voices_are(self, names: dict[str, str]) -> None:
        self._engine_voices = names
        self._show_code()

    # What is shown.

    def _show_state(self) -> None:
        take = self._last
        if take is None:
            return
        failed = take._recording.state == "failed"
        if failed:
            self._debounce.failed()
        self._board.say(telling.state(take), wrong=failed)

    def _show_notes(self) -> None:
        vain = ignored(self.settings, self._speaks.backend.name)
        self._board.remark(wrong=self._faults.values(), vain=vain)

    def _show_code(self) -> None:
        self._board.show_code(self.code, self.sdk_code)

    def _show_spent(self) -> None:
        self._board.show_spent(telling.spent(self._speaks.characters, self._speaks.backend))

    # Any: what a MIME type carries is the page's business.
    def _repr_mimebundle_(self, **kwargs: object) -> object:
        shown = self.widget._repr_mimebundle_(**kwargs)
        data = shown[0] if isinstance(shown, tuple) else shown
        return {**(data or {}), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<Tuner: {self.settings.to_code() or 'the default settings'}>"
