from itertools import pairwise, product

import numpy as np
import pytest

from cartesia_nb.analysis.path import (
    OCTAVE_JUMP_COST,
    VOICED_UNVOICED_COST,
    best_path,
)


def worth(frequencies: np.ndarray, strengths: np.ndarray, path: tuple[int, ...]) -> float:
    """Strengths less costs, one by one."""
    total = sum(float(strengths[frame, index]) for frame, index in enumerate(path))
    pitches = [float(frequencies[frame, index]) for frame, index in enumerate(path)]
    for before, after in pairwise(pitches):
        if before > 0 and after > 0:
            total -= OCTAVE_JUMP_COST * abs(np.log2(before / after))
        elif (before > 0) != (after > 0):
            total -= VOICED_UNVOICED_COST
    return total


@pytest.mark.parametrize("seed", range(8))
def test_no_other_path_is_worth_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frequencies = rng.uniform(75, 500, (6, 4)).astype(np.float32)
    frequencies[:, 0] = 0
    strengths = rng.uniform(0, 1, (6, 4)).astype(np.float32)
    chosen = best_path(frequencies, strengths, 0.01)
    best = max(product(range(4), repeat=6), key=lambda path: worth(frequencies, strengths, path))
    assert tuple(chosen) == best


def test_what_is_no_candidate_is_never_chosen() -> None:
    frequencies = np.array([[0, 100], [0, 0], [0, 100]], dtype=np.float32)
    strengths = np.array([[0.4, 0.9], [0.1, -np.inf], [0.4, 0.9]], dtype=np.float32)
    assert best_path(frequencies, strengths, 0.01).tolist() == [1, 0, 1]


def test_costs_are_more_the_finer_the_frames() -> None:
    frequencies = np.array([[0, 100], [0, 100]], dtype=np.float32)
    strengths = np.array([[0.5, 0.9], [0.7, 0.5]], dtype=np.float32)
    assert best_path(frequencies, strengths, 0.01).tolist() == [1, 0]
    assert best_path(frequencies, strengths, 0.005).tolist() == [1, 1]


def test_it_goes_on_beyond_a_batch() -> None:
    frequencies = np.tile(np.array([0, 100, 200], dtype=np.float32), (10_000, 1))
    strengths = np.tile(np.array([0.4, 0.5, 0.6], dtype=np.float32), (10_000, 1))
    assert (best_path(frequencies, strengths, 0.01) == 2).all()


def test_no_frames_have_no_path() -> None:
    empty = np.zeros((0, 15), dtype=np.float32)
    assert best_path(empty, empty, 0.01).shape == (0,)
