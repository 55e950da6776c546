"""Small parts that stand among controls: a line that says that they wait, and code to copy."""

from __future__ import annotations

from typing import Final

import anywidget
import traitlets

from cartesia_nb.speaker import pagehalf
from cartesia_nb.speaker.speaker import STATIC
from cartesia_nb.tuning.mainthread import MainThread

_MOST: Final = 2**53


class Waits(anywidget.AnyWidget):
    """A line that is empty unless what a person did waits for the kernel, which runs a cell.

    It stands for all controls in the boxes around it, the outermost included: when something is
    done there and the kernel does not answer within half a second, the page says that it waits,
    until the kernel answers. What works without the kernel, such as a player, is left out.

    A widget: to be made in the kernel's main thread.
    """

    _esm = STATIC / "desk.js"

    part = traitlets.Unicode("waits", read_only=True).tag(sync=True)

    def __init__(self) -> None:
        pagehalf.hold(self)
        super().__init__()
        self._main = MainThread()
        self.on_msg(self._on_page_message)

    def _on_page_message(self, widget: object, content: object, buffers: object) -> None:
        # Answered where controls take effect, so that the answer says that they have.
        if not isinstance(content, dict) or content.get("type") != "ping":
            return
        number = content.get("number")
        if isinstance(number, int) and not isinstance(number, bool) and abs(number) < _MOST:
            self._main.here(lambda: self.send({"type": "pong", "number": number}))


class Copyable(anywidget.AnyWidget):
    """Code to read, with a button that copies it; also where a page has no clipboard.

    A widget: to be made and assigned to in the kernel's main thread.

    Attributes:
        code: what is shown and copied, as it is.
        label: what it is, in a few words.
    """

    _esm = STATIC / "desk.js"

    part = traitlets.Unicode("code", read_only=True).tag(sync=True)
    code = traitlets.Unicode(help="What is shown and copied.").tag(sync=True)
    label = traitlets.Unicode(help="What it is, in a few words.").tag(sync=True)

    def __init__(self, code: str = "", *, label: str = "") -> None:
        pagehalf.hold(self)
        super().__init__(code=code, label=label)
