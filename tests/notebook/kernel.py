"""A real IPython kernel for a test: run code in it, and keep every message it sends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

# Any: a Jupyter message is a dict of whatever its type says.
Message = dict[str, Any]

READY_S = 60


class Outcome(NamedTuple):
    """How a cell ended: what it printed and showed as text, and the error's name, if any."""

    output: str
    error: str


class Kernel:
    """A kernel and everything it has published."""

    def __init__(self, client: BlockingKernelClient, manager: KernelManager) -> None:
        self.client = client
        self.manager = manager
        self.messages: list[Message] = []

    def run(self, code: str, timeout: float = 60) -> str:
        """Run a cell to its end; what it printed and showed as text. Errors are raised."""
        request = self.start(code)
        output, error = self.finish(request, timeout)
        if error:
            tracebacks = [
                "\n".join(message["content"]["traceback"])
                for message in self._of(request)
                if message["msg_type"] == "error"
            ]
            raise RuntimeError("\n".join(tracebacks))
        return output

    def start(self, code: str) -> str:
        """Have a cell run; the id of the request."""
        return str(self.client.execute(code))

    def finish(self, request: str, timeout: float = 60) -> Outcome:
        """Wait until a cell that was started has ended."""

        def idle(messages: list[Message]) -> bool:
            return any(
                message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
                for message in self._of(request)
            )

        self.until(idle, timeout)
        out, error = [], ""
        for message in self._of(request):
            content, kind = message["content"], message["msg_type"]
            if kind == "stream":
                out.append(content["text"])
            elif kind in ("execute_result", "display_data"):
                out.append(content["data"].get("text/plain", ""))
            elif kind == "error":
                error = content["ename"]
        return Outcome("".join(out), error)

    def printed(self, request: str, what: str, timeout: float = 60) -> None:
        """Wait until a cell that was started has printed something."""
        self.until(
            lambda _: (
                what
                in "".join(
                    message["content"]["text"]
                    for message in self._of(request)
                    if message["msg_type"] == "stream"
                )
            ),
            timeout,
        )

    def interrupt(self) -> None:
        """What the notebook's stop button does."""
        self.manager.interrupt_kernel()

    def restart(self) -> None:
        """What the notebook's restart button does."""
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=READY_S)

    def subshell(self) -> str:
        """Open a thread that handles messages while a cell runs, as JupyterLab does for widgets."""
        control = self.client.control_channel
        request = self.client.session.msg("create_subshell_request", {})
        control.send(request)
        while True:
            reply = control.get_msg(timeout=READY_S)
            if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
                return str(reply["content"]["subshell_id"])

    def send_to_widget(
        self, comm_id: str, content: dict[str, object], subshell: str | None = None
    ) -> None:
        """Send what a page would send to a widget; to a subshell, or else after running cells."""
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def until(self, reached: Callable[[list[Message]], object], timeout: float = 20) -> None:
        """Read messages until something is so of all there were."""
        deadline = time.monotonic() + timeout
        while not reached(self.messages):
            self._next(deadline - time.monotonic())

    def to_page(self) -> list[tuple[Message, list[bytes]]]:
        """The custom messages to widgets so far, and their buffers."""
        return [
            (message["content"]["data"]["content"], [bytes(b) for b in message["buffers"]])
            for message in self.messages
            if message["msg_type"] == "comm_msg"
            and message["content"]["data"].get("method") == "custom"
        ]

    def _of(self, request: str) -> list[Message]:
        return [each for each in self.messages if each["parent_header"].get("msg_id") == request]

    def _next(self, timeout: float) -> Message:
        message = self.client.get_iopub_msg(timeout=max(timeout, 0.01))
        self.messages.append(message)
        return message


@contextmanager
def kernel(**environment: str) -> Iterator[Kernel]:
    """Start a kernel with some environment variables, and end it."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env={**os.environ, **environment})
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=READY_S)
        yield Kernel(client, manager)
    finally:
        client.stop_channels()
        if manager.has_kernel:
            manager.shutdown_kernel(now=True)


def becomes(reached: Callable[[], object], what: str, timeout: float = 30) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + timeout
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
