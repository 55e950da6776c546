"""The player without a notebook: the stage on which it is looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

import cartesia_nb as cnb
from cartesia_nb.notebook.session import Session
from tests.browser.alone import Alone

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(60)]


@pytest.fixture
def tts() -> Iterator[Session]:
    with cnb.connect("local", autoplay=False) as tts:
        yield tts


def test_a_take_is_spoken_in_a_page_without_a_notebook(browser: Browser, tts: Session) -> None:
    alone = Alone(browser.new_page())
    take = tts.say("Hello from a page without a notebook.")
    player = alone.show(take)
    alone.carry(take, play=True)
    alone.pump_until(lambda: player.get_by_role("button", name="Play again").count())
    expect(player).to_contain_text("Done")
    assert any(message["type"] == "heard" and message["ended"] for message in alone.sent())
    assert alone.errors == []
