"""What the built page half renders is the decoded PCM bit for bit, in both of its outputs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, Playwright

from cartesia_nb.protocol.encodings import BYTES_PER_SAMPLE, ENCODINGS, decode
from tests.browser.offline import RATES, chunks_of_any_size, expect_exact, offline, rendered, sound
from tests.browser.page import launch

pytestmark = [pytest.mark.needs("browser"), pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def page(playwright: Playwright) -> Iterator[Page]:
    """A page that renders offline, and needs no loudspeaker."""
    with launch(playwright) as browser:
        page = browser.new_page()
        with offline(page):
            yield page


@pytest.mark.parametrize("output", ["worklet", "scheduled"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("rate", RATES)
def test_chunks_of_any_size_come_out_bit_for_bit(
    page: Page, rate: int, encoding: str, output: str
) -> None:
    rng = np.random.default_rng([rate, len(encoding), ENCODINGS.index(encoding)])
    chunks = chunks_of_any_size(rng)
    cuts = [0, *(int(cut) * BYTES_PER_SAMPLE[encoding] for cut in np.cumsum(chunks))]
    pcm = sound(rng, sum(chunks), encoding)
    tape = rendered(page, pcm, cuts, rate=rate, encoding=encoding, worklet=output == "worklet")
    expect_exact(tape, decode(pcm, encoding))


@pytest.mark.parametrize("output", ["worklet", "scheduled"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("count", [1, 2, 127, 128, 129, 300])
def test_a_stream_shorter_than_a_render_quantum_comes_out_whole(
    page: Page, count: int, encoding: str, output: str
) -> None:
    pcm = sound(np.random.default_rng(count), count, encoding)
    # Cut at every byte: inside samples too.
    cuts = list(range(len(pcm) + 1))
    tape = rendered(page, pcm, cuts, rate=24_000, encoding=encoding, worklet=output == "worklet")
    expect_exact(tape, decode(pcm, encoding))
