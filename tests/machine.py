"""What the tests want of a machine: whether it is there, and how to get it.

``tests/conftest.py`` reads this to decide which tests can run and to name what is absent.
``python -m tests.machine --install`` installs what is absent, as far as it may: the
distribution's packages where that is possible (root, apt-get), else Playwright's browser.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import hatch_build

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FIREFOX_NAMES = ("firefox-esr", "firefox")
SOUND_PROGRAMS = ("pulseaudio", "pactl", "parec", "paplay")


@dataclass(frozen=True)
class Need:
    """One thing a test may want, by the name that `pytest.mark.needs` uses."""

    name: str
    present: Callable[[], bool]
    #: Debian's packages for it; none where apt-get is not the way.
    packages: tuple[str, ...]
    #: What a person is told to do where it is absent.
    advice: str


def _starts(*command: str) -> bool:
    """Whether a program starts: some `chromium-browser` only says where to buy the real one."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@functools.cache
def chromium() -> str | None:
    """The path of an installed Chromium or Chrome, else of Playwright's own, or None."""
    for name in CHROMIUM_NAMES:
        path = shutil.which(name)
        if path is not None and _starts(path, "--version"):
            return path
    if importlib.util.find_spec("playwright") is None:
        return None
    # In a process of its own: the sync interface refuses to start where a loop is running.
    ask = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=60)
    own = done.stdout.strip()
    return own if own and Path(own).is_file() else None


@functools.cache
def firefox() -> str | None:
    """The path of an installed Firefox, or None."""
    for name in FIREFOX_NAMES:
        path = shutil.which(name)
        if path is not None and _starts(path, "--version"):
            return path
    return None


def sound() -> bool:
    """Whether a PulseAudio of our own can be started and recorded."""
    return all(shutil.which(program) for program in SOUND_PROGRAMS)


NEEDS = {
    need.name: need
    for need in (
        Need(
            "browser",
            lambda: chromium() is not None,
            ("chromium", "fonts-dejavu-core"),
            "apt-get install chromium, or: python -m playwright install chromium",
        ),
        Need(
            "firefox",
            lambda: firefox() is not None,
            ("firefox-esr",),
            "apt-get install firefox-esr, or Mozilla's own Firefox",
        ),
        Need(
            "sound",
            sound,
            ("pulseaudio", "pulseaudio-utils"),
            "apt-get install pulseaudio pulseaudio-utils",
        ),
        Need(
            "ffmpeg",
            lambda: shutil.which("ffplay") is not None,
            ("ffmpeg",),
            "apt-get install ffmpeg",
        ),
        Need(
            "node",
            lambda: bool(hatch_build.npm_on_path() or hatch_build.npm_from_wheel()),
            (),
            f'install Node {hatch_build.OLDEST_NODE} or newer, or: pip install "'
            f'{hatch_build.NODE_WHEEL}"',
        ),
    )
}


def absent() -> list[Need]:
    """What this machine lacks."""
    return [need for need in NEEDS.values() if not need.present()]


def _run(*command: str) -> bool:
    print("+", *command, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, stdin=subprocess.DEVNULL, env=environment)
    return done.returncode == 0


def install() -> None:
    """Install what is absent, as far as this user may. What fails is left to the tests to name."""
    if not NEEDS["node"].present():
        _run(sys.executable, "-m", "pip", "install", "--quiet", hatch_build.NODE_WHEEL)
    packages = [package for need in absent() for package in need.packages]
    if packages and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        _run("apt-get", "update", "-qq")
        # One at a time: a package that this distribution lacks must not take the others with it.
        for package in packages:
            _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", package)
        chromium.cache_clear()
        firefox.cache_clear()
    if not NEEDS["browser"].present():
        _run(sys.executable, "-m", "playwright", "install", "chromium")
        chromium.cache_clear()


def main() -> None:
    parser = argparse.ArgumentParser(description="Name what the tests want and this machine lacks.")
    parser.add_argument("--install", action="store_true", help="install it, as far as possible")
    if parser.parse_args().install:
        install()
    for need in absent():
        print(f"Absent: {need.name}. {need.advice}", flush=True)


if __name__ == "__main__":
    main()
