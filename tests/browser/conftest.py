"""One loudspeaker, one JupyterLab, one Chromium for the whole run; a fresh page for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.browser import tap
from tests.browser.ears import Ears
from tests.browser.lab import ROOT, Lab
from tests.browser.page import NotebookPage, launch


@pytest.fixture(scope="session")
def ears() -> Iterator[Ears]:
    """A loudspeaker of the tests' own."""
    with Ears() as ears:
        ears.calibrate()
        yield ears


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A running JupyterLab."""
    with Lab() as lab:
        yield lab


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright, ears: Ears) -> Iterator[Browser]:
    """Chromium, heard by `ears`."""
    with launch(playwright, ears.environment) as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile, tapped."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    tap.install(context)
    yield context
    context.close()


@pytest.fixture
def notebook(context: BrowserContext) -> NotebookPage:
    """A fresh page for one notebook; `notebook.open(lab, name)` opens it."""
    return NotebookPage(context.new_page())


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots are kept for people to look at; git ignores it."""
    folder = ROOT / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder
