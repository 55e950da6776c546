"""A session without a notebook, a take that is over, and a sharp page to look at it in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

import cartesia_nb as cnb
from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.session import Session
from cartesia_nb.speech.take import Take
from tests.browser.look.card import TEXT


@pytest.fixture(scope="package")
def tts() -> Iterator[Session]:
    with cnb.connect("local", autoplay=False) as tts:
        yield tts


@pytest.fixture(scope="package")
def sentence(tts: Session) -> Take:
    """A take that is over."""
    return tts.say(TEXT).wait(30)


@pytest.fixture(scope="package")
def engine(tts: Session) -> EngineProcess:
    assert tts.engine is not None
    tts.engine.start()
    return tts.engine


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(
        viewport={"width": 1000, "height": 900}, device_scale_factor=2
    ) as context:
        yield context.new_page()
