"""Firefox, driven over WebDriver BiDi: as much of it as the tests use, which is about ten commands.

Why not a library. Playwright's own Firefox is a patched build of its own, and its BiDi channel for
the distribution's asks for commands that Debian's release does not have (1.65.2 with Firefox 153:
`emulation.setMediaFeaturesOverride`). Selenium wants geckodriver, which Debian does not package.
puppeteer-core works, but from Node: between it and these tests there would have to be a program
and a protocol of our own, longer than this client and with a dozen packages behind it. BiDi is a
W3C standard (https://www.w3.org/TR/webdriver-bidi/), and `websockets` is here already.

All of it is for one thread. Events are read while a command waits for its answer.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TypedDict, cast

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.machine import firefox

#: Seconds that any command may take, unless it is given its own.
PATIENCE = 30.0

_REACHABLE = "--remote-debugging-port=0"

#: What is not in Firefox's own list for automation (remote.prefs.recommended).
_PREFERENCES: dict[str, bool | int | str] = {
    # A page that a test has left must not be there again for the next.
    "browser.startup.page": 0,
    "browser.aboutwelcome.enabled": False,
    # No fetching of codecs and certificates.
    "media.gmp-manager.updateEnabled": False,
    "security.OCSP.enabled": 0,
    "network.prefetch-next": False,
    "network.dns.disablePrefetch": True,
}


class FirefoxError(RuntimeError):
    """Firefox did not start, did not answer, or refused a command; the text says which."""


class _Answer(TypedDict, total=False):
    id: int
    type: str
    method: str
    params: dict[str, object]
    result: dict[str, object]
    error: str
    message: str


class Firefox:
    """A running headless Firefox with a profile of its own. Surely ends with `close`.

    `environment` leads its sound to a test's ears. With `autoplay` off it holds sound back until a
    gesture, as a person's browser does.
    """

    def __init__(
        self,
        environment: dict[str, str] | None = None,
        *,
        autoplay: bool = True,
        timeout: float = 60.0,
    ) -> None:
        program = firefox()
        if program is None:
            raise FirefoxError("There is no Firefox on this machine. Install firefox-esr.")
        self._home = Path(tempfile.mkdtemp(prefix="firefox-"))
        profile = self._home / "profile"
        profile.mkdir()
        # 0 allows sound, 1 asks for a gesture first: Firefox's own setting.
        preferences = {**_PREFERENCES, "media.autoplay.default": 0 if autoplay else 1}
        (profile / "user.js").write_text(
            "".join(
                f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
                for name, value in preferences.items()
            )
        )
        self._numbers = count(1)
        self._tabs: dict[str, Tab] = {}
        # Where two cores do everything, a busy kernel must not starve its sound, whose thread has a
        # priority of its own on a person's machine. Who may not ask for that gets a warning only.
        # Of a session of its own: whatever it starts is ended with it.
        self._process = subprocess.Popen(
            ["nice", "-n", "-10", program, "--headless", "--profile", profile, _REACHABLE],
            # Crash reports and the like go there too.
            env={**os.environ, "HOME": str(self._home), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            where = self._wait_until_ready(profile / "WebDriverBiDiServer.json", timeout)
            self._socket = connect(
                f"{where}/session",
                max_size=None,
                compression=None,
                proxy=None,
                open_timeout=timeout,
                # A busy machine may be slow to answer one.
                ping_interval=None,
            )
            self.send("session.new", {"capabilities": {}})
            self.send("session.subscribe", {"events": ["log.entryAdded"]})
        except BaseException:
            self.close()
            raise

    def _wait_until_ready(self, told: Path, timeout: float) -> str:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise FirefoxError(f"Firefox ended at once with {self._process.returncode}.")
            try:
                server = json.loads(told.read_text())
                return f"ws://{server['ws_host']}:{server['ws_port']}"
            except (OSError, ValueError, KeyError):
                # Not there yet, or half written.
                time.sleep(0.05)
        raise FirefoxError(f"Firefox did not say in {timeout:g} s where it can be reached.")

    def send(
        self, method: str, params: Mapping[str, object], *, timeout: float = PATIENCE
    ) -> dict[str, object]:
        """Send a command and wait for its result.

        Raises FirefoxError where Firefox refuses it or does not answer in `timeout` seconds.
        """
        number = next(self._numbers)
        end = time.monotonic() + timeout
        try:
            self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
            while True:
                left = max(0.0, end - time.monotonic())
                answer = cast("_Answer", json.loads(self._socket.recv(timeout=left)))
                if answer.get("type") == "event":
                    self._on_event(answer["method"], answer["params"])
                elif answer.get("id") != number:
                    # Of a command that was given up.
                    continue
                elif answer["type"] == "error":
                    raise FirefoxError(f"{method}: {answer['error']}: {answer['message']}")
                else:
                    return answer["result"]
        except TimeoutError:
            raise FirefoxError(f"{method} was not answered in {timeout:g} s.") from None
        except WebSocketException as error:
            raise FirefoxError(f"{method}: Firefox is gone ({error}).") from error

    def _on_event(self, method: str, params: dict[str, object]) -> None:
        if method != "log.entryAdded" or params["level"] != "error":
            return
        source = cast("dict[str, str]", params["source"])
        tab = self._tabs.get(source.get("context", ""))
        if tab is not None:
            tab._errors.append(str(params["text"]))

    def tab(self, width: int = 1100, height: int = 900) -> Tab:
        """An empty page of this size, which shares no cookies with any other."""
        user = self.send("browser.createUserContext", {})["userContext"]
        made = self.send("browsingContext.create", {"type": "tab", "userContext": user})
        tab = Tab(self, str(made["context"]))
        self._tabs[str(made["context"])] = tab
        tab.resize(width, height)
        return tab

    def close(self) -> None:
        """End it and remove its profile. Safe to call twice."""
        if self._process.poll() is None and hasattr(self, "_socket"):
            with suppress(FirefoxError, subprocess.TimeoutExpired):
                self.send("browser.close", {}, timeout=5)
                self._process.wait(timeout=5)
            self._socket.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Firefox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Tab:
    """One page. Its methods are named as Playwright's, and take its milliseconds.

    Nothing that is evaluated counts as something a person did; `click` does.
    """

    def __init__(self, browser: Firefox, context: str) -> None:
        self._browser = browser
        self._context = context
        self._errors: list[str] = []

    @property
    def errors(self) -> list[str]:
        """Errors of the console and exceptions that no one caught, as they came."""
        # Events come before the answer of a command that was sent after them.
        self._browser.send("session.status", {})
        return list(self._errors)

    def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        self._send("browsingContext.setViewport", {"viewport": size})

    def add_init_script(self, script: str) -> None:
        """Run `script` in whatever is opened from now on, before the page's own."""
        self._browser.send(
            "script.addPreloadScript",
            {"functionDeclaration": f"() => {{ {script} }}", "contexts": [self._context]},
        )

    def goto(self, url: str, *, timeout: float = 1000 * PATIENCE) -> None:
        """Open an address and wait until it has loaded."""
        params = {"url": url, "wait": "complete"}
        self._send("browsingContext.navigate", params, timeout=timeout / 1000)

    def evaluate(
        self, function: str, arg: object = None, *, timeout: float = 1000 * PATIENCE
    ) -> object:
        """What a function of JavaScript answers to `arg`; both go as JSON. It may be async."""
        answer = self._send(
            "script.callFunction",
            {
                "functionDeclaration": "async (arg) => "
                f"JSON.stringify((await ({function})(JSON.parse(arg))) ?? null)",
                "arguments": [{"type": "string", "value": json.dumps(arg)}],
                "target": {"context": self._context},
                "awaitPromise": True,
            },
            timeout=timeout / 1000,
        )
        if answer["type"] == "exception":
            details = cast("dict[str, object]", answer["exceptionDetails"])
            raise FirefoxError(f"The page raised {details['text']}")
        result = cast("dict[str, str]", answer["result"])
        return cast("object", json.loads(result["value"]))

    def wait_for_function(
        self, function: str, *, arg: object = None, timeout: float = 1000 * PATIENCE
    ) -> object:
        """Ask again until a function's answer is true; that answer."""
        end = time.monotonic() + timeout / 1000
        while True:
            answer = self.evaluate(function, arg)
            if answer:
                return answer
            if time.monotonic() > end:
                raise FirefoxError(f"Not so within {timeout / 1000:g} s: {function}")
            time.sleep(0.05)

    def click(self, x: float, y: float) -> None:
        """Press and let go of the mouse's button at a place of the page, in CSS pixels."""
        self._send(
            "input.performActions",
            {
                "actions": [
                    {
                        "type": "pointer",
                        "id": "mouse",
                        "actions": [
                            {"type": "pointerMove", "x": round(x), "y": round(y)},
                            {"type": "pointerDown", "button": 0},
                            {"type": "pointerUp", "button": 0},
                        ],
                    }
                ]
            },
        )

    def screenshot(self, *, path: Path) -> None:
        """Write what is in sight as a PNG."""
        data = str(self._send("browsingContext.captureScreenshot", {})["data"])
        path.write_bytes(base64.b64decode(data))

    def close(self) -> None:
        self._send("browsingContext.close", {})

    def _send(
        self, method: str, params: Mapping[str, object], *, timeout: float = PATIENCE
    ) -> dict[str, object]:
        return self._browser.send(method, {"context": self._context, **params}, timeout=timeout)
