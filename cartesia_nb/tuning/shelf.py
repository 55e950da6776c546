"""A shelf of takes: what was spoken while tuning, to be heard again, pinned, noted and compared."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from cartesia_nb.errors import CartesiaNbError
from cartesia_nb.player.player import Player
from cartesia_nb.speaker.speaker import Speaker
from cartesia_nb.speech.recording import Change
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.wording import count
from cartesia_nb.tuning.entry import Entry
from cartesia_nb.tuning.mainthread import MainThread
from cartesia_nb.tuning.shelffolder import Keep, ShelfFolder
from cartesia_nb.tuning.shelfrow import Acts
from cartesia_nb.tuning.shelftakes import ShelfTakes
from cartesia_nb.tuning.shelfview import ShelfView

MOST: Final = 50
"""Takes that are not pinned and are kept in memory: the newest."""


class Shelf:
    """Takes, newest first, with what can be done with them. See ``widget``.

    Without a folder the newest 50 takes are kept, and all that are pinned. In a folder all are, and
    so are pins and notes: a shelf made later with the same folder has them back, and loads a take
    when it is played. To be made and called in the kernel's main thread.

    Args:
        folder: where to keep the takes; it is made if need be. Two shelves in one folder at the
            same time lose none of their takes, but the notes of the one that wrote first.
        show: shows and plays a take; without it the shelf has a player of its own.
        voice_name: what a voice's id is called where takes are told apart.

    Attributes:
        widget: what to show.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        show: Callable[[Take], None] | None = None,
        voice_name: Callable[[str], str] = str,
    ) -> None:
        self._main = MainThread()
        self._voice_name = voice_name
        self._folder = None if folder is None else ShelfFolder(Path(folder))
        self._work = ThreadPoolExecutor(1, thread_name_prefix="cartesia_nb shelf")
        self._show = self._play if show is None else show
        self._entries: dict[int, Entry] = {}
        self._number = 0
        self._page = 0
        self._closed = False
        self._gone = 0  # let go of because there were too many
        self._problems: list[str] = []
        self._unsaved = ""
        self._said = ""
        self._playing = 0  # the number of the take in the shelf's own player
        self._view = ShelfView(
            Acts(self._tick, self._replay, self._pin, self._note, self._delete),
            self._main,
            turn=self._turn,
            compare=self._compare,
            end=self._end_comparison,
        )
        self.widget = self._view.widget
        if self._folder is not None:
            found, self._problems = self._folder.read()
            self._entries = {entry.number: entry for entry in found}
            self._number = max(self._entries, default=0)
        self._draw()

    @property
    def takes(self) -> ShelfTakes:
        """All takes on the shelf, newest last; those in the folder alone are loaded when asked."""
        return ShelfTakes(list(self._entries.values()), self._folder)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, take: Take) -> None:
        """Put a take on the shelf, finished or not. One that was stopped before any sound came is
        taken away again.
        """
        before = max(self._entries, default=None)
        settings: Settings | None = None if before is None else self._entries[before].settings
        self._number += 1
        entry = self._entries[self._number] = Entry.of(
            self._number, take, settings, self._voice_name
        )
        recording = take._recording

        def changed(change: Change) -> None:
            if recording.ended:
                unsubscribe()
                with contextlib.suppress(RuntimeError):  # closed, or the interpreter ends
                    self._work.submit(self._look, entry)
            elif change == "text" and not entry.long:
                self._main.soon(lambda: self._grown(entry))

        unsubscribe = recording.subscribe(changed)
        if recording.ended:  # before anybody listened
            changed("state")
        self._page = 0
        self._draw()

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until what is to be written is; whether it was within ``timeout`` seconds."""
        done = threading.Event()
        try:
            self._work.submit(done.set)
        except RuntimeError:  # closed, which has waited
            return True
        return done.wait(timeout)

    def close(self) -> None:
        """Write what is to be written, and no more. What is shown stays."""
        if not self._closed:
            self._closed = True
            self._look_at_rest()
            self._work.shutdown(wait=True)
            self._view.close()

    def _look_at_rest(self) -> None:
        # That a take has ended may still be on its way here, for this very thread.
        for entry in self._entries.values():
            if entry.take is not None and entry.take._recording.ended and not entry.over:
                self._work.submit(entry.look)
        self.flush()
        for entry in [entry for entry in self._entries.values() if entry.over]:
            self._drop_silent(entry)
        # Of what is saved there is no news: notes that another shelf wrote here are left alone.
        if any(entry.over and not entry.saved for entry in self._entries.values()):
            self._store()

    def _drop_silent(self, entry: Entry) -> None:
        """Stopped before any sound came: nobody misses it."""
        if entry.state == "cancelled" and entry.duration == 0:
            del self._entries[entry.number]

    # In the shelf's thread.

    def _look(self, entry: Entry) -> None:
        entry.look()
        self._main.soon(lambda: self._over(entry))

    def _write(self, keep: Sequence[Keep], gone: Sequence[str]) -> None:
        assert self._folder is not None
        here, problem = self._folder.keep(keep)
        for file in gone:
            problem = self._folder.delete(file) or problem
        self._main.soon(lambda: self._written(here, problem))

    # In the main thread.

    def _grown(self, entry: Entry) -> None:
        """It has more text, which a thread gives it."""
        if not entry.long and not entry.over:
            entry.read()
            self._view.refresh(entry)

    def _over(self, entry: Entry) -> None:
        if entry.number not in self._entries:
            return
        self._drop_silent(entry)
        self._let_go()
        self._store()
        self._draw()

    def _store(self, *gone: str) -> None:
        """Have the folder hold what is here now; what failed before is tried again."""
        if self._folder is None:
            return
        keep = [
            Keep(entry.number, entry.file, entry.to_dict(), None if entry.saved else entry.take)
            for entry in self._entries.values()
            if entry.over
        ]
        with contextlib.suppress(RuntimeError):  # closed
            self._work.submit(self._write, keep, gone)

    def _written(self, here: set[int], problem: str) -> None:
        for number in here:
            if number in self._entries:
                self._entries[number].saved = True
        self._unsaved = problem
        self._let_go()
        self._draw_status()

    def _let_go(self) -> None:
        """Keep no more in memory than is promised, and all of what is nowhere else."""
        held = [entry for entry in self._entries.values() if entry.over and entry.take is not None]
        if self._folder is not None:
            for entry in held[:-MOST]:
                if entry.saved:
                    entry.take = None
            return
        loose = [entry for entry in held if not entry.pinned]
        for entry in loose[:-MOST]:
            del self._entries[entry.number]
            self._gone += 1

    def _take(self, entry: Entry) -> Take:
        if entry.take is not None:
            return entry.take
        assert self._folder is not None
        return self._folder.load(entry.file)

    # What a person does.

    def _tick(self, number: int, ticked: bool) -> None:
        if number in self._entries:
            self._entries[number].ticked = ticked
            self._view.ticked(sum(entry.ticked for entry in self._entries.values()))

    def _replay(self, number: int) -> None:
        if number in self._entries:
            self._playing = number
            self._try(lambda: self._show(self._take(self._entries[number])))

    def _play(self, take: Take) -> None:
        speaker = Speaker.current()
        if speaker is None:
            raise CartesiaNbError("There is no notebook here to play a take in.")
        self._view.stage(take.id, lambda: Player(take))
        speaker.command("play", take.id, 0.0)

    def _pin(self, number: int, pinned: bool) -> None:
        if number in self._entries:
            self._entries[number].pinned = pinned
            self._let_go()
            self._store()
            self._draw()

    def _note(self, number: int, note: str) -> None:
        if number in self._entries:
            self._entries[number].note = note.strip()
            self._store()

    def _delete(self, number: int) -> None:
        entry = self._entries.get(number)
        if entry is None or entry.pinned:
            return
        del self._entries[number]
        if entry.take is not None:
            entry.take.cancel()
        if number == self._playing:
            self._view.clear_stage()
        self._store(entry.file)
        self._draw()

    def _compare(self) -> None:
        # It needs numpy's slower parts, and only when asked.
        from cartesia_nb.tuning.listen import listen

        chosen = [entry for entry in self._entries.values() if entry.ticked]
        labels = [f"#{entry.number} {entry.note}".strip() for entry in chosen]

        def show() -> None:
            takes = [self._take(entry) for entry in chosen]
            self._view.compare(listen(takes, labels=labels))

        self._try(show)

    def _end_comparison(self) -> None:
        self._view.compare(None)

    def _turn(self, pages: int) -> None:
        self._page += pages
        self._draw()

    def _try(self, act: Callable[[], object]) -> None:
        self._said = ""
        try:
            act()
        except CartesiaNbError as fault:
            self._said = str(fault)
        self._draw_status()

    def _draw(self) -> None:
        self._page = self._view.show(list(self._entries.values())[::-1], self._page)
        self._draw_status()

    def _draw_status(self) -> None:
        lines = [*self._problems]
        if self._unsaved:
            lines.append(f"Not everything is saved, and is kept in memory: {self._unsaved}")
        if self._gone:
            lines.append(
                f"{count(self._gone, 'older take')} let go of: the newest {MOST} are kept, and "
                "those that are pinned. With a folder all are."
            )
        if self._said:
            lines.append(self._said)
        self._view.say(lines)
