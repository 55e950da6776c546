"""A region of a take, played again and again: chosen by mouse, keys and fingers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, Page, expect

from cartesia_nb.speech.take import Take
from tests.browser.look.card import facts, position, show

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]


def test_a_region_is_dragged_and_heard_again_and_again(
    page: Page, sentence: Take, pictures: Path
) -> None:
    alone, player = show(page, sentence)
    axis = facts(player)["axis"]
    wide = axis["right"] - axis["left"]
    page.keyboard.down("Shift")
    page.mouse.move(axis["left"] + 0.3 * wide, axis["top"] + 30)
    page.mouse.down()
    page.mouse.move(axis["left"] + 0.4 * wide, axis["top"] + 60, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.mouse.move(0, 0)
    loop = player.get_by_role("button", name="Loop a region")
    expect(loop).to_have_attribute("aria-pressed", "true")
    expect(position(player)).to_have_attribute("aria-valuetext", re.compile("looping from 1.8"))
    player.screenshot(path=pictures / "look-loop.png")
    player.get_by_role("button", name="Play", exact=True).click()
    low, high = 0.3 * sentence.duration, 0.4 * sentence.duration
    page.evaluate("""() => {
      const slider = document.querySelector('main > div > div').shadowRoot.querySelector('.seek');
      globalThis.seen = [];
      new MutationObserver(() => seen.push(Number(slider.getAttribute('aria-valuenow'))))
        .observe(slider, { attributeFilter: ['aria-valuenow'] });
    }""")
    page.wait_for_function(
        "seen.filter((at, i) => i > 0 && at < seen[i - 1] - 0.3).length >= 3", timeout=15_000
    )
    seen = cast("list[float]", page.evaluate("seen"))
    assert min(seen) >= low - 0.1
    assert max(seen) <= high + 0.11
    facts(player)
    assert alone.errors == []


def test_a_region_by_keys_and_by_its_handles(page: Page, sentence: Take) -> None:
    alone, player = show(page, sentence)
    slider = position(player)
    slider.focus()
    for key in ("ArrowRight", "[", "ArrowRight", "ArrowRight", "]"):
        page.keyboard.press(key)
    expect(slider).to_have_attribute("aria-valuetext", re.compile("looping from 1 .* to 3 sec"))
    start, end = (player.get_by_role("slider", name=f"Loop {edge}") for edge in ("start", "end"))
    end.focus()
    page.keyboard.press("ArrowRight")
    expect(end).to_have_attribute("aria-valuetext", "3.1 seconds")
    box = start.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(0, 0)
    page.mouse.up()
    expect(start).to_have_attribute("aria-valuenow", "0.0")
    end.focus()
    page.keyboard.press("l")
    expect(end).to_be_hidden()
    expect(slider).to_be_focused()
    page.keyboard.press("l")
    expect(end).to_have_attribute("aria-valuetext", "3.1 seconds")
    page.keyboard.press("Escape")
    expect(end).to_be_hidden()
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^3 seconds of"))
    page.keyboard.press("Escape")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^0 seconds of"))
    expect(slider).to_be_focused()
    assert alone.errors == []


def test_a_finger_seeks_reads_and_loops(browser: Browser, sentence: Take, pictures: Path) -> None:
    with browser.new_context(
        viewport={"width": 340, "height": 800}, has_touch=True, device_scale_factor=2
    ) as context:
        page = context.new_page()
        _, player = show(page, sentence)
        hand = context.new_cdp_session(page)

        def drag(x: float, y: float, by: float, *, lift: bool = True) -> None:
            for step in range(5):
                kind = "touchMove" if step else "touchStart"
                points = [{"x": x + by * step / 4, "y": y}]
                hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            if lift:
                hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

        picture = player.locator(".spectrogram").bounding_box()
        assert picture is not None
        drag(picture["x"] + 40, picture["y"] + 30, 40, lift=False)
        said = player.locator(".readout")
        expect(said).to_have_text(re.compile("Hz"))
        label = said.bounding_box()
        assert label is not None
        assert label["y"] + label["height"] < picture["y"] + 30 - 20, "above the finger"
        player.screenshot(path=pictures / "look-touch.png")
        hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        expect(said).to_be_hidden()
        seconds = 80 / picture["width"] * sentence.duration
        expect(position(player)).to_have_attribute(
            "aria-valuetext", re.compile(f"^{round(seconds)} second")
        )
        player.get_by_role("button", name="Loop a region").tap()
        end = player.get_by_role("slider", name="Loop end")
        before = float(end.get_attribute("aria-valuenow") or 0)
        handle = end.bounding_box()
        assert handle is not None
        assert handle["width"] >= 24
        drag(handle["x"] + 12, handle["y"] + 60, 40)
        moved = 40 / picture["width"] * sentence.duration
        after = float(end.get_attribute("aria-valuenow") or 0)
        assert after == pytest.approx(before + moved, abs=0.2)
        facts(player)
        # No tap: the browser may take one right after a drag for the end of its fling.
        player.get_by_role("button", name="Loop a region").click()
        expect(end).to_be_hidden()
