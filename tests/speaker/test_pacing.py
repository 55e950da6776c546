"""The bound on messages to the page, with a clock of the test's own."""

from __future__ import annotations

import pytest

from cartesia_nb.speaker.pacing import (
    BURST_MESSAGES,
    BYTES_PER_S,
    MESSAGES_PER_S,
    Bucket,
)


def sent_within(seconds: float, size: int) -> int:
    """Messages of ``size`` bytes that leave within a time, each as soon as it may."""
    bucket, now, count = Bucket(0.0), 0.0, 0
    while now <= seconds:
        wait = bucket.wait(now)
        if wait > 0:
            now += wait + 1e-9
            continue
        bucket.spend(size, now)
        count += 1
    return count


def test_messages_keep_to_the_bound_over_any_time() -> None:
    for seconds in (1.0, 5.0, 60.0):
        assert sent_within(seconds, 10) <= BURST_MESSAGES + seconds * MESSAGES_PER_S + 1


def test_bytes_keep_to_the_bound() -> None:
    size = 200_000
    sent = sent_within(10.0, size) * size
    assert sent <= 10.0 * BYTES_PER_S + 1_000_000 + size


def test_an_urgent_message_is_paid_for_by_the_next_ones() -> None:
    bucket = Bucket(0.0)
    for _ in range(int(BURST_MESSAGES)):
        bucket.spend(0, 0.0)
    bucket.spend(0, 0.0)  # urgent: not waited for
    assert bucket.wait(0.0) == pytest.approx(2 / MESSAGES_PER_S)


def test_a_quiet_time_saves_up_no_more_than_a_burst() -> None:
    bucket = Bucket(0.0)
    bucket.wait(1000.0)
    for _ in range(int(BURST_MESSAGES)):
        assert bucket.wait(1000.0) == 0.0
        bucket.spend(0, 1000.0)
    assert bucket.wait(1000.0) > 0.0
