"""A real JupyterLab on a free port, with folders of its own, that surely ends."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType

import psutil

ROOT = Path(__file__).resolve().parents[2]

# No pop-ups, and nothing that asks the network.
SETTINGS: dict[str, dict[str, object]] = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}


class LabError(RuntimeError):
    """JupyterLab did not start; the text holds the end of its log."""


class Lab:
    """A running JupyterLab. Its kernels run this Python and see this checkout's package.

    The environment's Cartesia key is taken away: what a test starts speaks through the engine,
    unless `environment` says otherwise. Every cell is in the page, whether in sight or not, unless
    `windowing` names another of Lab's modes.
    """

    def __init__(
        self,
        environment: dict[str, str] | None = None,
        timeout: float = 60.0,
        windowing: str = "none",
    ) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="lab-"))
        #: The folder that Lab shows; notebooks are put here.
        self.folder = self._home / "notebooks"
        self.folder.mkdir()
        self.token = secrets.token_hex(16)
        self._log = self._home / "lab.log"
        runtime = self._home / "runtime"
        tracker = "@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
        for name, setting in {**SETTINGS, tracker: {"windowingMode": windowing}}.items():
            path = self._home / "settings" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(setting))
        whole = {k: v for k, v in os.environ.items() if not k.startswith(("CARTESIA_", "JUPYTER"))}
        whole |= {
            "JUPYTER_CONFIG_DIR": str(self._home / "config"),
            "JUPYTER_DATA_DIR": str(self._home / "data"),
            "JUPYTER_RUNTIME_DIR": str(runtime),
            "JUPYTERLAB_SETTINGS_DIR": str(self._home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self._home / "workspaces"),
            "IPYTHONDIR": str(self._home / "ipython"),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            **(environment or {}),
        }
        # Where two cores do everything, a busy kernel must not starve the browser's sound, which
        # on a person's machine has a priority of its own.
        command = ["nice", "-n", "10"]
        command += [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--ip=127.0.0.1",
            "--port=0",
        ]
        command += [
            f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.folder}",
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.news_url=",
            "--ServerApp.terminals_enabled=False",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        with self._log.open("wb") as log:
            self._server = psutil.Popen(
                command,
                env=whole,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self.url = self._wait_until_ready(runtime, timeout)
        except BaseException:
            self.close()
            raise

    @property
    def log(self) -> str:
        """What the server printed so far."""
        return self._log.read_text(errors="replace")

    def _wait_until_ready(self, runtime: Path, timeout: float) -> str:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self._server.poll() is not None:
                raise LabError(
                    f"JupyterLab ended with {self._server.returncode}:\n{self.log[-3000:]}"
                )
            # The server writes its file when it listens; half a file is read again.
            for info in runtime.glob("jpserver-*.json"):
                try:
                    url = str(json.loads(info.read_text())["url"]).rstrip("/")
                    self._request(url, "GET", "/api/status")
                except (ValueError, OSError):
                    continue
                return url
            time.sleep(0.05)
        raise LabError(f"JupyterLab was not ready in {timeout:g} s:\n{self.log[-3000:]}")

    def _request(self, url: str, method: str, path: str) -> None:
        request = urllib.request.Request(
            url + path, method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=10):
            pass

    def address(self, name: str) -> str:
        """Where a browser opens the notebook `name`."""
        return f"{self.url}/lab/tree/{name}?reset&token={self.token}"

    def put(self, notebook: Path, name: str | None = None) -> str:
        """Copy a notebook (and nothing else) into Lab's folder; its name there."""
        name = name or notebook.name
        shutil.copyfile(notebook, self.folder / name)
        return name

    def write(self, name: str, *cells: str) -> str:
        """Make a notebook of code cells in Lab's folder; its name there."""
        notebook = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {
                "kernelspec": {
                    "name": "python3",
                    "display_name": "Python 3",
                    "language": "python",
                }
            },
            "cells": [
                {
                    "id": f"cell-{index}",
                    "cell_type": "code",
                    "metadata": {},
                    "execution_count": None,
                    "outputs": [],
                    "source": source,
                }
                for index, source in enumerate(cells)
            ],
        }
        (self.folder / name).write_text(json.dumps(notebook))
        return name

    def close(self) -> None:
        """Ask it to shut down with its kernels, then end whatever is left of them."""
        try:
            family = self._server.children(recursive=True)
        except psutil.NoSuchProcess:
            family = []
        if self._server.poll() is None and hasattr(self, "url"):
            try:
                self._request(self.url, "POST", "/api/shutdown")
                self._server.wait(timeout=10)
            except (OSError, psutil.TimeoutExpired):
                pass
        left = [process for process in [self._server, *family] if process.is_running()]
        for process in left:
            try:
                process.terminate()
            except psutil.NoSuchProcess:
                continue
        _, alive = psutil.wait_procs(left, timeout=5)
        for process in alive:
            process.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Lab:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
