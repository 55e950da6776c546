import numpy as np
import pytest

from cartesia_nb.analysis.envelope import FULL_SCALE, clipped, envelope


@pytest.mark.parametrize("count", [1, 7, 100, 4001])
@pytest.mark.parametrize("columns", [1, 3, 99, 100, 5000])
def test_each_column_is_the_least_and_the_greatest_of_its_samples(count: int, columns: int) -> None:
    sound = np.random.default_rng(count).normal(0, 0.2, count).astype(np.float32)
    low, high = envelope(sound, columns)
    pieces = min(columns, count)
    parts = [sound[i * count // pieces : (i + 1) * count // pieces] for i in range(pieces)]
    np.testing.assert_array_equal(low, [part.min() for part in parts])
    np.testing.assert_array_equal(high, [part.max() for part in parts])


def test_a_click_of_one_sample_is_in_it_wherever_it_is() -> None:
    for place in (0, 12345, 99_999):
        sound = np.zeros(100_000, dtype=np.float32)
        sound[place] = -0.5
        low, high = envelope(sound, 640)
        assert (low.min(), high.max()) == (-0.5, 0.0)
        assert int(low.argmin()) == place * 640 // 100_000


def test_of_no_samples_there_is_no_outline() -> None:
    low, high = envelope(np.empty(0, dtype=np.float32), 100)
    assert len(low) == len(high) == 0


def test_what_is_no_number_is_passed_over() -> None:
    sound = np.array([np.nan, 0.5, np.nan, np.nan], dtype=np.float32)
    low, high = envelope(sound, 2)
    assert (low[0], high[0]) == (0.5, 0.5)
    assert np.isnan(low[1]) and np.isnan(high[1])


def test_the_samples_are_neither_written_nor_need_they_be_writable() -> None:
    sound = np.linspace(-1, 1, 1000, dtype=np.float32)
    sound.flags.writeable = False
    envelope(sound, 10)
    clipped(sound)


def test_samples_at_full_scale_are_counted_and_placed() -> None:
    sound = np.full(48000, 0.99, dtype=np.float32)
    sound[100:103] = 1.0
    sound[20000] = -1.5
    total, places = clipped(sound)
    assert total == 4
    np.testing.assert_array_equal(places, [[100, 103], [20000, 20001]])


def test_the_largest_value_of_16_bits_counts_and_the_one_under_it_does_not() -> None:
    steps = np.array([32766, -32767, 32767, -32768], dtype=np.float32) / np.float32(32768)
    assert clipped(steps)[0] == 3  # -32767 is as far out as 32767
    assert clipped(steps[:1])[0] == 0
    assert FULL_SCALE < 1


def test_sound_that_is_clipped_throughout_is_counted_whole() -> None:
    sound = np.full(1_000_000, np.inf, dtype=np.float32)
    sound[::2] = -2.0
    total, places = clipped(sound)
    assert total == 1_000_000
    assert len(places) <= 4000
    assert (places[0, 0], places[-1, 1]) == (0, 1_000_000)


def test_silence_and_no_numbers_are_not_clipped() -> None:
    for sound in (np.zeros(1000), np.full(1000, np.nan), np.empty(0)):
        total, places = clipped(sound.astype(np.float32))
        assert (total, places.shape) == (0, (0, 2))
