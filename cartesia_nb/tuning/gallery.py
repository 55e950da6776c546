"""The takes of a sweep to look at, click and hear, a page at a time."""

from __future__ import annotations

import base64
import contextlib
import io
import logging
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import anywidget
import traitlets
from traitlets.utils.bunch import Bunch

from cartesia_nb.errors import CartesiaNbError, SettingsError
from cartesia_nb.player import snapshot
from cartesia_nb.plots.contact import MOST, Cell, contact_sheet
from cartesia_nb.plots.style import alt_text
from cartesia_nb.speaker import pagehalf
from cartesia_nb.speaker.host import notebook_host
from cartesia_nb.speaker.speaker import STATIC, Speaker, let_answers_in
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.wording import count
from cartesia_nb.tuning import cells, gallerypage
from cartesia_nb.tuning.gallerypage import Choice

if TYPE_CHECKING:
    from cartesia_nb.tuning.sweep import Sweep

_log: Final = logging.getLogger(__name__)

WIDTH: Final = snapshot.WIDTH
_DPI: Final = 100
_COLOURS: Final = 64
_BIGGEST: Final = 2**53


class Gallery(anywidget.AnyWidget):
    """A sweep's takes as small spectrograms, page by page, to click and hear. Made by
    ``sweep.gallery()``; shown as a cell's last expression.

    Only what the page shows is in memory and can be asked for by a browser; the sound and the
    pictures are in no trait, and so not in the saved notebook. What is left there is a picture of
    the first page as it was when it was shown. All views show the same page.

    A widget: to be made and closed in the kernel's main thread. What a browser asks for is drawn
    in a thread of its own, where the kernel lets messages in while a cell runs.

    Args:
        sweep: running or over; what came since shows by itself.
        per_page: takes on a page, 1 to 60.

    Raises:
        CartesiaNbError: there is no notebook to show it in.
        SettingsError: ``per_page`` is no such number.
    """

    _esm = STATIC / "gallery.js"

    speaker_id = traitlets.Unicode().tag(sync=True)
    speaker = traitlets.Unicode(help="The Speaker's widget, for the host to find.").tag(sync=True)
    label = traitlets.Unicode(help="What is shown while there is nothing else.").tag(sync=True)

    def __init__(self, sweep: Sweep, per_page: int = 12) -> None:
        given: object = per_page
        if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= MOST:
            raise SettingsError(
                f"per_page is {given!r}; it must be a whole number from 1 to {MOST}."
            )
        speaker = Speaker.current()
        if speaker is None:
            raise CartesiaNbError(
                "A gallery needs a notebook to be shown in; sweep.plot_spectrograms() makes a "
                "picture."
            )
        self._sweep = sweep
        self._per_page = per_page
        self._speaker: Speaker = speaker
        self._lock = threading.Lock()
        self._held: dict[int, Take | str] = {}
        self._mark = uuid.uuid4().hex[:8]
        self._over = False
        self._work = ThreadPoolExecutor(1, thread_name_prefix="cartesia_nb gallery")
        pagehalf.hold(self)
        super().__init__(
            speaker_id=speaker.speaker_id,
            speaker=f"anywidget:{speaker.model_id}",
            label=f"A gallery of {count(sweep.total, 'take')}",
        )
        let_answers_in(self)
        self.on_msg(self._on_page_message)
        self.observe(self._on_closed, "comm")

    @property
    def takes(self) -> tuple[Take, ...]:
        """What is in memory: the takes of the page that is shown. Any thread."""
        with self._lock:
            return tuple(take for take in self._held.values() if isinstance(take, Take))

    def _on_page_message(self, widget: object, content: object, buffers: object) -> None:
        # Called in the main thread or in one of a subshell.
        asked = _Asked.of(content)
        if asked is not None:
            with contextlib.suppress(RuntimeError):  # it is closed, or the kernel ends
                self._work.submit(self._answer, asked)

    def _answer(self, asked: _Asked) -> None:
        try:
            content, pictures = self._page(asked)
        except CartesiaNbError as fault:
            content, pictures = {"type": "problem", "ask": asked.ask, "text": str(fault)}, []
        except Exception:  # else a page would wait for ever
            _log.exception("A page of a gallery could not be made")
            text = "This page could not be made; the kernel's log says why."
            content, pictures = {"type": "problem", "ask": asked.ask, "text": text}, []
        if not self._over:
            self.send(content, pictures)

    def _page(self, asked: _Asked) -> tuple[dict[str, object], list[bytes]]:
        folder = self._sweep._folder
        folder.catch_up()
        choice = Choice(folder, asked.where).checked()
        chosen = choice.numbers()
        pages = max(1, -(-len(chosen) // self._per_page))
        page = min(max(asked.page, 1), pages)
        numbers = chosen[(page - 1) * self._per_page : page * self._per_page]
        states = {number: folder.index.state(number) for number in numbers}
        known = repr((page, sorted(choice.where.items()), sorted(states.items())))
        waiting = sum(state == "waiting" for state in states.values())
        standing = {"ask": asked.ask, "grows": bool(waiting) and self._sweep.state == "running"}
        if asked.known == known:
            return {"type": "same", **standing}, []
        self._hold([number for number, state in states.items() if state == "done"])
        shown, seconds = gallerypage.shown(folder, numbers, self._held)
        pictures = [each.picture for each in shown if each.picture is not None]
        places = iter(range(len(pictures)))
        return {
            "type": "page",
            **standing,
            "known": known,
            "page": page,
            "pages": pages,
            "takes": len(chosen),
            "seconds": seconds,
            "filters": [
                {"name": name, "values": values, "chosen": choice.where.get(name)}
                for name, values in choice.filters
            ],
            "cells": [
                {**content, "picture": None if picture is None else next(places)}
                for content, picture in shown
            ],
        }, pictures

    def _hold(self, numbers: list[int]) -> None:
        """Have these takes in memory and known to pages, and no others."""
        folder = self._sweep._folder
        before = self._held
        held = {
            number: before[number]
            if isinstance(before.get(number), Take)
            else gallerypage.load(folder, number, self._mark)
            for number in numbers
        }
        with self._lock:
            if self._over:
                return
            self._held = held
        for number, take in held.items():
            if isinstance(take, Take) and take is not before.get(number):
                self._speaker.know(take._recording)
        for number, take in before.items():
            if isinstance(take, Take) and number not in held:
                self._speaker.forget(take._recording)

    def _on_closed(self, change: Bunch) -> None:
        if self.comm is not None:
            return
        with self._lock:
            self._over = True
            held, self._held = self._held, {}
        self._work.shutdown(wait=False)
        for take in held.values():
            if isinstance(take, Take):
                self._speaker.forget(take._recording)

    def _ipython_display_(self) -> None:
        if notebook_host() != "jupyter":
            raise NotImplementedError("There is no notebook to show a gallery in.")
        shown = self._repr_mimebundle_()
        data = shown[0] if isinstance(shown, tuple) else shown
        # The words stand with the picture, and would be there twice.
        _publish({kind: value for kind, value in (data or {}).items() if kind != "text/plain"}, {})
        _publish(*self._picture())

    def _picture(self) -> tuple[dict[str, object], dict[str, object]]:
        """The first page as it is now, for where there is no kernel."""
        folder = self._sweep._folder
        plain: dict[str, object] = {"text/plain": repr(self)}
        try:
            numbers = range(1, min(self._per_page, self._sweep.total) + 1)
            places = [cells.cell(folder, number, named=True) for number in numbers]
            png, alt = _drawn(places, _first(len(places), self._sweep.total))
        except Exception:  # whatever is wrong with a machine's fonts or a take's file
            _log.exception("The picture of a gallery could not be drawn")
            return plain, {}
        data = base64.b64encode(snapshot.marked(png, f"gallery {self._mark}")).decode("ascii")
        return {"image/png": data, **plain}, {"image/png": {"width": WIDTH, "alt": alt}}

    def __repr__(self) -> str:
        sweep = self._sweep
        pages = count(-(-sweep.total // self._per_page), "page")
        return f"<Gallery: {count(sweep.total, 'take')}, {pages}>"


def _publish(data: dict[str, object], metadata: dict[str, object]) -> None:
    from IPython.display import publish_display_data

    publish_display_data(data, metadata)  # type: ignore[no-untyped-call]  # IPython has no types


def _first(shown: int, total: int) -> str:
    return f"Spectrograms: {shown:,} of {count(total, 'take')}" if shown < total else ""


def _drawn(shown: list[Cell], head: str) -> tuple[bytes, str]:
    """A contact sheet as a small PNG, and what it shows in words. None of the user's settings of
    matplotlib come into it, and none of pyplot's figures.
    """
    import matplotlib.style
    from matplotlib.figure import Figure
    from PIL import Image

    with matplotlib.style.context("default"):
        figure = Figure(figsize=(8.4, _height(len(shown))), dpi=_DPI, layout="constrained")
        ax = figure.add_subplot()
        contact_sheet(shown, ax, head=head or None)
        packed = io.BytesIO()
        figure.savefig(packed, format="png")
        said = alt_text(ax)
    picture = Image.open(packed).convert("RGB")
    small = io.BytesIO()
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue(), said


def _height(takes: int) -> float:
    return 1.0 + 1.13 * -(-takes // 4)


class _Asked:
    """What a browser asks for: a page of the takes that it chose."""

    def __init__(self, ask: int, page: int, where: Mapping[str, int], known: str) -> None:
        self.ask, self.page, self.where, self.known = ask, page, where, known

    @classmethod
    def of(cls, content: object) -> _Asked | None:
        """``None`` for what is no such message."""
        if not isinstance(content, dict) or content.get("type") != "show":
            return None
        ask, page = _whole(content.get("ask")), _whole(content.get("page"))
        where, known = content.get("where"), content.get("known")
        if ask is None or page is None or not isinstance(where, dict):
            return None
        chosen = {str(name): _whole(index) for name, index in list(where.items())[:20]}
        good = {name: index for name, index in chosen.items() if index is not None}
        return cls(ask, page, good, known if isinstance(known, str) else "")


def _whole(value: object) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _BIGGEST
    return value if whole else None  # type: ignore[return-value]  # an int, as was just seen
