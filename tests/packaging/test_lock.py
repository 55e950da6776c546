"""js/package-lock.json: complete on every platform, and tied to no one's registry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict, cast

ROOT = Path(__file__).resolve().parents[2]


class Entry(TypedDict, total=False):
    """What is read here of one locked package, in npm's own spelling."""

    optionalDependencies: dict[str, str]
    resolved: str


def packages() -> dict[str, Entry]:
    lock = json.loads((ROOT / "js" / "package-lock.json").read_text())
    return cast("dict[str, Entry]", lock["packages"])


def test_every_platforms_package_is_locked() -> None:
    # npm leaves out what its registry didn't answer for, and `npm ci` then refuses the lock.
    locked = packages()
    wanted = {name for entry in locked.values() for name in entry.get("optionalDependencies", {})}
    assert {name for name in wanted if f"node_modules/{name}" not in locked} == set()


def test_no_download_address_is_locked() -> None:
    assert [name for name, entry in packages().items() if "resolved" in entry] == []
