"""The engine as a child process, seen from its parent."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import queue
import secrets
import subprocess
import sys
import sysconfig
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final
from urllib.parse import urlsplit

from cartesia_nb.engine.control import Control
from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.errors import EngineError, EngineMissingError

_KEY_VARIABLE: Final = "CARTESIA_NB_ENGINE_KEY"
_NEEDED: Final = ("espeakng_loader", "soxr", "tornado")
_PATIENCE: Final = 5.0


def check_installed() -> None:
    """Raise ``EngineMissingError`` where the engine's voice is not installed."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise missing()


def missing() -> EngineMissingError:
    """The error for an installation without the engine's voice."""
    return EngineMissingError(
        "The built-in engine needs espeak-ng, which is not installed. "
        'Run: pip install "cartesia_nb[local]"'
    )


class EngineProcess:
    """The built-in engine in a process and a session of its own; ends with this one.

    All methods from any thread. It accepts one API key, made for it; nobody else's.

    Args:
        fast: send audio as soon as it is made, without pacing.
        first_audio_ms: from text to first audio, in milliseconds.
        speedup: seconds of audio sent per second.
    """

    def __init__(
        self, *, fast: bool = False, first_audio_ms: float = 90.0, speedup: float = 3.0
    ) -> None:
        self._options = [f"--first-audio-ms={first_audio_ms}", f"--speedup={speedup}"]
        if fast:
            self._options.append("--fast")
        self._key = secrets.token_urlsafe(24)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._url = ""
        self._pace: tuple[float, float | None] = (0.0, None) if fast else (first_audio_ms, speedup)
        self._held: dict[str, object] = {}
        self._complaints: deque[str] = deque(maxlen=20)

    def start(self, timeout: float = 20.0) -> None:
        """Start it and wait until it serves; does nothing if it runs.

        Args:
            timeout: seconds to wait.

        Raises:
            EngineMissingError: the extra ``local`` is not installed.
            EngineError: it ended at once or was not ready in time.
        """
        with self._lock:
            if self.alive:
                return
            check_installed()
            self._complaints.clear()
            process = self._launch()
            ready: queue.Queue[str] = queue.Queue()
            assert process.stdout is not None and process.stderr is not None
            _reader(process.stdout, ready.put)
            complaints = _reader(process.stderr, self._complaints.append)
            timed_out = False
            try:
                line = ready.get(timeout=timeout)
            except queue.Empty:
                line, timed_out = "", True
            word, _, url = line.strip().partition(" ")
            if word != "ready":
                # What it complains of comes by another pipe; the end of both comes last.
                _end(process)
                complaints.join(_PATIENCE)
                raise self._failure(process, timed_out, timeout)
            self._process, self._url = process, url
            held, self._held = self._held, {}
            if held:
                self._ask("/engine/control", held)

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``.

        Raises:
            EngineError: it was not started.
        """
        if not self._url:
            raise EngineError("The built-in engine was not started; call start() first.")
        return self._url

    @property
    def websocket_url(self) -> str:
        """``ws://127.0.0.1:PORT``, as the SDK's ``websocket_base_url``."""
        return self.url.replace("http", "ws", 1)

    @property
    def api_key(self) -> str:
        """The one key that it accepts."""
        return self._key

    @property
    def pid(self) -> int | None:
        """Its process id, or ``None`` before it was started."""
        return None if self._process is None else self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def misbehave(
        self,
        *faults: str,
        delay_ms: float = 0.0,
        jitter_ms: float = 0.0,
        bandwidth: float | None = None,
        seed: int = 0,
    ) -> None:
        """Make things go wrong from now on, also in what is being spoken; replaces what was set.

        Starts the engine if it does not run. Without arguments it behaves again, as it does after
        ``stop`` and ``start``.

        Args:
            faults: each ``KIND@WHERE``, then ``*TIMES`` and ``%CHANCE`` where wanted:
                ``"drop@3"``, ``"busy@0*2"``, ``"http-429@handshake"``. The kinds are in
                ``cartesia_nb.engine.faults.KINDS``.
            delay_ms: how much later all that the engine sends on its sockets arrives, from the
                answer to the handshake on, 0 to 10,000 milliseconds. REST is spared.
            jitter_ms: at most so many milliseconds more, 0 to 10,000; order is kept.
            bandwidth: bytes a second on each socket, 1 or more; ``None`` is unlimited.
            seed: chances and jitters are drawn from it; the same seed gives the same run.

        Raises:
            EngineMissingError: the extra ``local`` is not installed.
            EngineError: it could not be started or reached, or says what is wrong with these.
        """
        self.start()
        self._ask(
            "/engine/faults",
            {
                "faults": list(faults),
                "delay_ms": delay_ms,
                "jitter_ms": jitter_ms,
                "bandwidth": bandwidth,
                "seed": seed,
            },
        )

    def control(self, **settings: object) -> dict[str, object]:
        """Change the engine's settings; those of ``cartesia_nb.engine.control.Control``.

        Among them ``ignore=["speed"]``, a voice that takes the field and does nothing with it, and
        ``variation=3.0``, one that varies by so many percent from take to take. An engine that
        does not run keeps them for its next start; ``stop`` forgets them.

        Returns:
            All settings, what was counted, and how many ``sockets`` are open and contexts are
            ``running`` now. Without arguments nothing is changed.

        Raises:
            EngineError: it could not be reached, or says what is wrong.
        """
        with self._lock:
            if self._process is None:
                return self._hold(settings)
        return self._ask("/engine/control", settings)

    def log(self) -> list[dict[str, object]]:
        """What it was asked for: the newest 10,000 contexts, over WebSocket, SSE and bytes.

        Returns:
            One dict a context, oldest first; none if the engine does not run. ``number`` counts
            from 1 since it started, ``transcript`` is all the text as it came, ``state`` is
            ``"running"``, ``"done"``, ``"cancelled"`` (by the client, or it went) or ``"failed"``,
            ``faults`` are those that struck it, ``over`` is ``"websocket"``, ``"sse"`` or
            ``"bytes"``. The others are the fields of the request as they came: ``context_id``,
            ``model_id``, ``voice``, ``output_format``, ``generation_config``, ``language``, flags.
            What was refused before it began is not there, and no key.

        Raises:
            EngineError: it could not be reached.
        """
        with self._lock:
            if self._process is None:
                return []
        contexts: list[dict[str, object]] = self._ask("/engine/log")["contexts"]
        return contexts

    def stop(self) -> None:
        """End it, and wait until it has ended. Does nothing if it does not run."""
        with self._lock:
            process, self._process, self._url = self._process, None, ""
            self._held = {}
            if process is not None:
                _end(process)

    def __enter__(self) -> EngineProcess:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"EngineProcess({self._url or 'not started'})"

    def _hold(self, settings: dict[str, object]) -> dict[str, object]:
        first_audio_ms, speedup = self._pace
        control = Control(first_audio_ms, speedup)
        held = self._held | settings
        try:
            control.update(held)
        except Refusal as refusal:
            raise EngineError(refusal.message) from None
        self._held = held
        return control.state()

    # The values are JSON's: what they are is for the callers to say.
    def _ask(self, path: str, fields: dict[str, object] | None = None) -> dict[str, Any]:
        # http.client knows no proxies, so none comes between.
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_PATIENCE)
        method, body = ("GET", None) if fields is None else ("POST", json.dumps(fields))
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {self._key}"})
            answer = connection.getresponse()
            said: dict[str, Any] = json.loads(answer.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise EngineError(
                f"The built-in engine at {self._url} does not answer ({error!r}); "
                "stop() and start() it."
            ) from error
        finally:
            connection.close()
        if answer.status != 200:
            raise EngineError(str(said.get("message")))
        return said

    def _launch(self) -> subprocess.Popen[str]:
        environment = os.environ | {_KEY_VARIABLE: self._key}
        # The user's own key is none of the engine's business.
        environment.pop("CARTESIA_API_KEY", None)
        # Where this package was found may be known to this process alone (a checkout).
        root = str(Path(__file__).resolve().parents[2])
        if root not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
            before = environment.get("PYTHONPATH")
            environment["PYTHONPATH"] = root + (os.pathsep + before if before else "")
        try:
            return subprocess.Popen(
                [sys.executable, "-m", "cartesia_nb.engine", "--stdin-guard", *self._options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                text=True,
                encoding="utf-8",
                errors="replace",
                # So that Ctrl-C in a notebook or a terminal does not reach it.
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(
                f"The built-in engine could not be started with {sys.executable}: {error}."
            ) from error

    def _failure(
        self, process: subprocess.Popen[str], timed_out: bool, timeout: float
    ) -> EngineError:
        if process.returncode == 3 and any("pip install" in line for line in self._complaints):
            return missing()
        said = " ".join(line.strip() for line in list(self._complaints)[-3:])
        what = (
            f"was not ready within {timeout:g} s"
            if timed_out
            else f"ended at once with status {process.returncode}"
        )
        return EngineError(f"The built-in engine {what}. It said: {said or 'nothing'}")


def _reader(stream: IO[str], target: Callable[[str], None]) -> threading.Thread:
    thread = threading.Thread(
        target=_forward, args=(stream, target), name="engine-output", daemon=True
    )
    thread.start()
    return thread


def _forward(stream: IO[str], target: Callable[[str], None]) -> None:
    """Read to the end; an empty line at the end says so. Never lets the child block."""
    with stream:
        for line in stream:
            target(line)
    target("")


def _end(process: subprocess.Popen[str]) -> None:
    """By its standard input's end, which it obeys at once; by force if it does not."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
