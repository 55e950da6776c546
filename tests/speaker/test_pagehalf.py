"""A widget that was closed is freed, although its page half is a file."""

from __future__ import annotations

import gc
import weakref

import anywidget
import pytest

from cartesia_nb.speaker import pagehalf
from cartesia_nb.speaker.speaker import STATIC


class Small(anywidget.AnyWidget):
    _esm = STATIC / "desk.js"

    def __init__(self, *, hold: bool) -> None:
        if hold:
            pagehalf.hold(self)
        super().__init__()


@pytest.mark.parametrize("hold", [True, False])
def test_a_widget_runs_the_file_whether_or_not_it_holds_a_copy(hold: bool) -> None:
    text = (STATIC / "desk.js").read_text(encoding="utf-8")
    assert Small(hold=hold).get_state("_esm") == {"_esm": text}


def test_a_widget_that_was_closed_is_freed() -> None:
    def one() -> weakref.ref[Small]:
        made = Small(hold=True)
        made.close()
        return weakref.ref(made)

    freed = one()
    gc.collect()
    assert freed() is None
