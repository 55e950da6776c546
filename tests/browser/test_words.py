"""The words of a long take: all there, in paragraphs, the one that sounds in sight."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from cartesia_nb.speech.backend import ENGINE
from cartesia_nb.speech.recording import Recording, Word
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from tests.browser.alone import Alone

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(120)]

WORDS = [f"word{n}" + ("." if n % 9 == 8 else "") for n in range(1000)]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 900, "height": 800}) as context:
        yield context.new_page()


def spoken() -> Recording:
    """A thousand words in as many fifths of a second."""
    recording = Recording(
        Settings(encoding="pcm_mulaw", sample_rate=8000), ENGINE, context_id="long"
    )
    recording.add_text(" ".join(WORDS))
    recording.begin()
    sound = b"\x20\xa0" * (4000 * len(WORDS) // 5)
    recording.add_audio(sound, received=time.monotonic(), step_time=None, flush_id=None)
    recording.add_words([Word(w, n / 5, (n + 1) / 5) for n, w in enumerate(WORDS)], None)
    recording.end("done", time.monotonic())
    return recording


def test_a_long_text_reads_as_it_was_written_and_follows_the_voice(page: Page) -> None:
    alone = Alone(page)
    take = Take(spoken())
    player = alone.show(take)
    alone.carry(take)
    written = player.locator(".word")
    alone.pump_until(lambda: written.count() == len(WORDS))
    text = " ".join(player.locator(".paragraph").all_text_contents())
    assert text.split() == WORDS
    assert not re.search(r"\s\s", text)
    assert player.locator(".paragraph").count() > 3
    player.get_by_role("button", name="Play", exact=True).click()
    # What is clicked is heard, and what is heard is in sight.
    written.nth(3).click()
    sounding = player.locator(".word.now")
    expect(sounding).to_have_text(re.compile("^word[3-9]"))
    player.get_by_role("slider", name="Position").press("End")
    expect(player.get_by_role("button", name="Play again")).to_be_visible()
    player.get_by_role("slider", name="Position").press("PageDown")
    player.get_by_role("button", name="Play", exact=True).click()
    expect(sounding).to_have_text(re.compile("^word9[789]"))
    box, word = player.locator(".words").bounding_box(), sounding.bounding_box()
    assert box is not None
    assert word is not None
    assert box["y"] <= word["y"] < box["y"] + box["height"]
    assert alone.errors == []
