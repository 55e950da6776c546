"""The byte store reads back what was appended, at any offset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.speech.store import ByteStore


@given(st.lists(st.binary(max_size=9)), st.integers(0, 60), st.integers(0, 60))
def test_any_range_reads_as_of_the_joined_bytes(blocks: list[bytes], a: int, b: int) -> None:
    store = ByteStore()
    for block in blocks:
        store.append(block)
    whole = b"".join(blocks)
    assert store.size == len(whole)
    assert store.read() == whole
    assert store.read(a, b) == whole[a:b]
    assert store.read(a) == whole[a:]


def test_a_negative_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        ByteStore().read(-1)
