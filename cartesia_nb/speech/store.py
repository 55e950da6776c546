"""The bytes of a take, as they came."""

from __future__ import annotations

from bisect import bisect_right


class ByteStore:
    """An append-only row of immutable blocks, read by byte offset.

    ``append`` is called on the network loop alone. Any thread may read: a block is complete
    before ``size`` counts it.
    """

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._starts: list[int] = []
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes received so far."""
        return self._size

    def append(self, block: bytes) -> None:
        """Add bytes at the end. An empty block adds nothing."""
        if block:
            self._blocks.append(block)
            self._starts.append(self._size)
            self._size += len(block)

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """The bytes from ``start`` to ``stop``, as far as they have come; always fresh.

        Raises:
            ValueError: for a negative offset.
        """
        stop = self._size if stop is None else min(stop, self._size)
        if start < 0 or stop < 0:
            raise ValueError(f"A byte offset can't be negative: {start}, {stop}.")
        if start >= stop:
            return b""
        parts = []
        index = bisect_right(self._starts, start) - 1
        while index < len(self._blocks) and self._starts[index] < stop:
            base = self._starts[index]
            parts.append(self._blocks[index][max(0, start - base) : stop - base])
            index += 1
        return b"".join(parts)
