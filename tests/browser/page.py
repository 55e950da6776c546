"""A notebook open in JupyterLab in a browser, and what a test does there. Waits have a bound."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, cast

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

from tests.browser.lab import Lab
from tests.machine import chromium

# No calls home: each is refused slowly on a closed network, many at a time.
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Lab hands its application to the page (LabApp.expose_app_in_browser).
_NOTEBOOK = "const panel = window.jupyterapp.shell.currentWidget; const notebook = panel.content;"

_OPEN = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  const kernel = panel?.sessionContext?.session?.kernel;
  return Boolean(panel?.content?.model && kernel && kernel.status === 'idle');
}"""


@contextmanager
def launch(
    playwright: Playwright, environment: dict[str, str] | None = None, *, autoplay: bool = True
) -> Iterator[Browser]:
    """Chromium that is heard: `environment` leads its sound to a test's ears.

    With `autoplay` off it holds sound back until a gesture, as a person's browser does.
    """
    flags = list(QUIET)
    policy = "no-user-gesture" if autoplay else "document-user-activation"
    flags.append(f"--autoplay-policy={policy}-required")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")
    browser = playwright.chromium.launch(
        executable_path=chromium(),
        headless=True,
        args=flags,
        # Playwright mutes its browsers.
        ignore_default_args=["--mute-audio"],
        env={**os.environ, **(environment or {})},
    )
    try:
        yield browser
    finally:
        browser.close()


class AnyPage(Protocol):
    """What is asked of a page in any browser: Playwright's does it, and Firefox's tab.

    Functions are JavaScript's; their argument and their answer go as JSON. Timeouts: milliseconds.
    """

    def add_init_script(self, script: str, /) -> object: ...
    def goto(self, url: str, /, *, timeout: float = ...) -> object: ...
    def evaluate(self, function: str, arg: object = None, /) -> object: ...
    def wait_for_function(
        self, function: str, /, *, arg: object = None, timeout: float = ...
    ) -> object: ...
    def screenshot(self, *, path: Path) -> object: ...


class Notebook:
    """One notebook in one page. Cells are counted from 0, text cells included."""

    def __init__(self, page: AnyPage) -> None:
        self._page = page

    def open(self, lab: Lab, name: str, timeout: float = 60.0) -> None:
        """Open a notebook of Lab's folder and wait for its kernel."""
        self._page.goto(lab.address(name), timeout=timeout * 1000)
        self._page.wait_for_function(_OPEN, timeout=timeout * 1000)

    def start_cell(self, index: int) -> None:
        """Run one cell, and go on at once."""
        self._start(f"notebook.activeCellIndex = {index};", "notebook:run-cell")

    def start_all(self) -> None:
        """Run all cells, and go on at once."""
        self._start("", "notebook:run-all-cells")

    def _start(self, prepare: str, command: str) -> None:
        self._page.evaluate(
            f"""() => {{
              {_NOTEBOOK} {prepare}
              window.cellsRunning = (window.cellsRunning ?? 0) + 1;
              const over = () => {{ window.cellsRunning -= 1; }};
              void window.jupyterapp.commands.execute({command!r}).then(over, over);
            }}"""
        )

    def wait_until_idle(self, timeout: float = 60.0) -> None:
        """Until every cell that was started has ended."""
        self._page.wait_for_function(
            "() => (window.cellsRunning ?? 0) === 0", timeout=timeout * 1000
        )

    def run_cell(self, index: int, timeout: float = 60.0) -> None:
        """Run one cell to its end. What it raised is in `failures`."""
        self.start_cell(index)
        self.wait_until_idle(timeout)

    def run_all(self, timeout: float = 120.0) -> None:
        """Run all cells to their end. What they raised is in `failures`."""
        self.start_all()
        self.wait_until_idle(timeout)

    def outputs(self, index: int) -> list[dict[str, object]]:
        """A cell's outputs, as the notebook's file would hold them."""
        found = self._page.evaluate(
            f"(i) => {{ {_NOTEBOOK} return notebook.model.cells.get(i).toJSON().outputs ?? []; }}",
            index,
        )
        return cast("list[dict[str, object]]", found)

    def text(self, index: int) -> str:
        """What a cell printed."""
        return "".join(
            str(output["text"])
            for output in self.outputs(index)
            if output["output_type"] == "stream"
        )

    def failures(self) -> list[str]:
        """The exceptions that cells show, one line each."""
        count = cast(
            "int",
            self._page.evaluate(f"() => {{ {_NOTEBOOK} return notebook.model.cells.length; }}"),
        )
        return [
            f"cell {index}: {output['ename']}: {output['evalue']}"
            for index in range(count)
            for output in self.outputs(index)
            if output["output_type"] == "error"
        ]

    def theme(self, dark: bool) -> None:
        """Switch Lab's theme and wait for it."""
        name = "JupyterLab Dark" if dark else "JupyterLab Light"
        self._page.evaluate(
            "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })",
            name,
        )
        self._page.wait_for_function(
            # Lab covers the page while it changes.
            "(light) => document.body.dataset.jpThemeLight === light"
            " && !document.querySelector('.jp-Splash, #jupyterlab-splash')",
            arg=str(not dark).lower(),
        )

    def save(self) -> None:
        """Save the notebook to its file, widgets' state included where Lab is set to."""
        self._page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def screenshot(self, path: Path) -> Path:
        """A picture of the page as it stands."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._page.screenshot(path=path)
        return path


class NotebookPage(Notebook):
    """A notebook in Chromium; `page` is Playwright's."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.page = page
        #: Errors of the console and exceptions that no one caught, as they came.
        self.errors: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _on_console(self, message: ConsoleMessage) -> None:
        source = str(message.location.get("url", ""))
        # Lab puts a picture that a cell carries into the page before it has its address.
        if message.type == "error" and not source.startswith("attachment:"):
            self.errors.append(f"{message.text} ({source})")
