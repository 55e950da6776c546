"""A page of a listening widget, played by a test: it keeps all that a real kernel sends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tests.notebook.kernel import Kernel, Message

ROOT = Path(__file__).resolve().parents[2]

PRELUDE = f"""
import asyncio, gc, sys, threading, time, weakref
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
import cartesia_nb as cnb
from cartesia_nb.speaker.speaker import Speaker
from cartesia_nb.tuning.blindtest import blind_test
from cartesia_nb.tuning.listen import listen
from tests.tuning.heard import spoken, take_of, tone

speaker = Speaker.current()
"""


class Page:
    """What a page knows of one listening widget, and what it sends.

    Args:
        kernel: a kernel in which `PRELUDE` was run.
        expression: of the widget in the kernel.
        subshell: a thread for messages while a cell runs; without one they wait.
    """

    def __init__(self, kernel: Kernel, expression: str, subshell: str | None = None) -> None:
        self.kernel = kernel
        self.subshell = subshell
        self.widget, self.speaker = kernel.run(
            f"print({expression}.comm.comm_id, speaker.comm.comm_id)"
        ).split()

    @property
    def traits(self) -> Message:
        """The widget's state as the messages so far give it."""
        state: Message = {}
        for message in self.kernel.messages:
            content = message["content"]
            if content.get("comm_id") == self.widget and "state" in content.get("data", {}):
                state |= content["data"]["state"]
        return state

    def until_trial(self, number: int) -> Message:
        """Wait until a trial is shown; the widget's state."""
        self.kernel.until(lambda _: self.traits.get("trial") == number)
        return self.traits

    def answer(self, trial: int, choice: str, **more: object) -> None:
        """Answer as the page does."""
        self.tell(self.widget, {"type": "answer", "trial": trial, "choice": choice, **more})

    def tell(self, comm: str, content: dict[str, object]) -> None:
        """Send something to a widget."""
        self.kernel.send_to_widget(comm, content, self.subshell)

    def pull(self, takes: Sequence[str]) -> list[bytes]:
        """Ask for the sound of takes, and wait for it."""
        ranges = [[0, None]]
        for take in takes:
            need = {"type": "need", "take": take, "ranges": ranges, "words": 0, "phonemes": 0}
            self.tell(self.speaker, {**need, "chunks": 0, "page": "page", "sent": 0.0})
        self.kernel.until(lambda _: all(self._ends(take) for take in takes))
        return [
            b"".join(
                buffers[0]
                for message, buffers in self.kernel.to_page()
                if message.get("type") == "audio" and message["take"] == take
            )
            for take in takes
        ]

    def ends(self, take: str) -> list[str]:
        """How the kernel ended what it had to say of a take, each time it was asked."""
        return self._ends(take)

    def _ends(self, take: str) -> list[str]:
        return [
            str(message["state"])
            for message, _ in self.kernel.to_page()
            if message.get("type") == "end" and message.get("take") == take
        ]


def everything(kernel: Kernel) -> str:
    """All that a kernel has sent, as text, each buffer read as letters."""
    return "\n".join(
        json.dumps({**message, "buffers": []}, default=str)
        + "".join(bytes(buffer).decode("latin-1") for buffer in message["buffers"])
        for message in kernel.messages
    )
