"""A real IPython kernel for a test: run code in it, and keep every message it sends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

# Any: a Jupyter message is a dict of whatever its type says.
Message = dict[str, Any]


class Kernel:
    """A kernel and everything it has published."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self.messages: list[Message] = []

    def run(self, code: str, timeout: float = 60) -> str:
        """Run a cell to its end; what it printed and showed as text. Errors are raised."""
        request = self.client.execute(code)
        out = []
        while True:
            message = self._next(timeout)
            if message["parent_header"].get("msg_id") != request:
                continue
            content, kind = message["content"], message["msg_type"]
            if kind == "stream":
                out.append(content["text"])
            elif kind in ("execute_result", "display_data"):
                out.append(content["data"].get("text/plain", ""))
            elif kind == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            elif kind == "status" and content["execution_state"] == "idle":
                return "".join(out)

    def send_to_widget(self, comm_id: str, content: dict[str, object]) -> None:
        """Send what a page would send to a widget."""
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
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
        client.wait_for_ready(timeout=60)
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
