"""Whatever the text contains, the page shows it as text."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from cartesia_nb.errors import SpeechError
from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.recording import Recording, Word
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.take import Take
from tests.browser.alone import Alone

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(120)]

EVIL = '<img src=x onerror="struck=1"><script>struck=1</script></style><b>bold</b>&amp; $x$'


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 900, "height": 800}) as context:
        yield context.new_page()


def test_markup_in_text_words_voice_label_and_error_is_shown_as_it_was_written(
    page: Page,
) -> None:
    alone = Alone(page)
    recording = Recording(Settings(voice=EVIL), Backend("server", EVIL), context_id="evil")
    rows = [Word(EVIL, 0.1, 0.4), Word("<i>said</i>", 0.5, 0.9)]
    recording.add_text(EVIL)
    recording.begin()
    second = bytes(recording.settings.bytes_per_second)
    recording.add_audio(second, received=time.monotonic(), step_time=None, flush_id=None)
    recording.add_words(rows, None)
    recording.add_phonemes(rows, None)
    recording.end("failed", time.monotonic(), SpeechError(EVIL))
    take = Take(recording)
    player = alone.show(take, {"label": EVIL})
    alone.carry(take)
    expect(player).to_contain_text("<script>struck=1</script>")
    expect(player).to_contain_text("</style><b>bold</b>&amp; $x$ What came before can be played")
    name = str(player.get_attribute("aria-label"))
    assert EVIL[:50] in name
    assert page.evaluate("() => globalThis.struck") is None
    inside = page.evaluate(
        "() => [...document.querySelectorAll('main *')].flatMap((el) =>"
        " [...(el.shadowRoot?.querySelectorAll('img, script, b, i') ?? [])].map(String))"
    )
    assert inside == []
    assert alone.errors == []
