"""How many contexts each account has in flight. Pure."""

from __future__ import annotations

from collections import Counter


class Slots:
    """Contexts in flight, by account, over all sockets."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    @property
    def running(self) -> int:
        """Contexts in flight, of everybody."""
        return self._taken.total()

    def take(self, account: str, limit: int | None) -> bool:
        """Take a slot; false if the account has ``limit`` of them already."""
        if limit is not None and self._taken[account] >= limit:
            return False
        self._taken[account] += 1
        return True

    def release(self, account: str) -> None:
        """Give one back."""
        self._taken[account] -= 1
        if not self._taken[account]:
            del self._taken[account]
