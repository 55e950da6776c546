"""The voice browser, worked as a page works it, against the engine."""

from __future__ import annotations

import asyncio
import threading

import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.session import Session, connect
from cartesia_nb.speech.samples import sample
from cartesia_nb.speech.voices import Voice, Voices
from cartesia_nb.tuning.voicebrowser import VoiceBrowser
from tests.tuning.hands import Hands, hidden, kernel, until


def test_it_is_searched_pointed_at_and_chosen(session: Session) -> None:
    async def work() -> None:
        chosen: list[str] = []
        browser = VoiceBrowser(session, chosen.append)
        hands = Hands(browser.widget)
        assert "Fetching the voices of" in hands.said
        setters: set[threading.Thread] = set()
        hands.the("Voices").observe(lambda change: setters.add(threading.current_thread()))
        await until(lambda: hands.rows)
        assert setters == {threading.main_thread()}
        assert "Fetching" not in hands.said
        everything = len(hands.rows)
        hands.the("Language").value = "de"
        german = hands.rows
        assert 0 < len(german) < everything
        assert f"{len(german)} of {everything} voices" in hands.said
        hands.the("Gender").value = "feminine"
        (only,) = hands.rows
        assert only.startswith("High German") or "de-DE" in only
        hands.the("Search voices").value = "no such voice"
        assert hands.rows == []
        hands.the("Search voices").value = ""
        hands.the("Voices").index = 0
        assert chosen == [], "pointing is not choosing"
        assert "espeak-ng" in hands.said, "what the voice pointed at is like"
        wanted = hands.the("Voices").value
        hands.the("Use this voice").click()
        assert chosen == [wanted] == [browser.voice]
        assert hands.the("Voice id").value == wanted
        assert "In use: " in hands.said
        assert hands.the("Use this voice").disabled

    kernel(work)


def test_any_id_can_be_pasted_and_it_is_said_when_it_is_in_no_list(session: Session) -> None:
    async def work() -> None:
        chosen: list[str] = []
        browser = VoiceBrowser(session, chosen.append)
        hands = Hands(browser.widget)
        await until(lambda: hands.rows)
        hands.the("Voice id").value = "  my-clone-1 \n"
        assert chosen == ["my-clone-1"] == [hands.the("Voice id").value]
        assert "does not list it." in hands.said
        hands.the("Voice id").value = "my-clone-1 "
        assert chosen == ["my-clone-1"], "the same again is no change"
        assert hands.the("Voice id").value == "my-clone-1"
        hands.the("Voice id").value = "   "
        assert chosen == ["my-clone-1"] == [hands.the("Voice id").value]
        listed = hands.the("Voices").options[3][1]
        hands.the("Voice id").value = f" {listed}"
        assert browser.voice == listed
        assert "does not list" not in hands.said

    kernel(work)


def test_a_voice_set_from_outside_is_shown_and_calls_nobody_back(session: Session) -> None:
    async def work() -> None:
        chosen: list[str] = []
        browser = VoiceBrowser(session, chosen.append)
        hands = Hands(browser.widget)
        browser.voice = "early"
        await until(lambda: hands.rows)
        assert hands.the("Voice id").value == "early"
        listed = hands.the("Voices").options[-1][1]
        browser.voice = listed
        assert hands.the("Voices").value == listed
        assert chosen == []

    kernel(work)


def test_a_preview_greets_in_the_voices_language_anew_at_each_press(session: Session) -> None:
    async def work() -> None:
        hands = Hands(VoiceBrowser(session).widget)
        await until(lambda: hands.rows)
        hands.the("Language").value = "fr"
        hands.the("Voices").index = 1
        voice = hands.the("Voices").value
        for pressed in (1, 2):
            hands.the("Preview").click()
            await until(lambda: session.history and session.history[-1]["state"] == "done")
            assert len(session.history) == pressed
        said = session.history[-1]
        assert (said["text"], said["voice"], said["language"]) == (sample("fr"), voice, "fr")

    kernel(work)


def test_a_preview_that_fails_says_why(session: Session, engine: EngineProcess) -> None:
    async def work() -> None:
        hands = Hands(VoiceBrowser(session).widget)
        await until(lambda: hands.rows)
        engine.misbehave("error@0")
        try:
            hands.the("Preview").click()
            await until(lambda: 'role="alert"' in hands.said)
        finally:
            engine.misbehave()
        hands.the("Preview").click()
        assert 'role="alert"' not in hands.said

    kernel(work)


def test_what_failed_is_a_sentence_and_can_be_tried_again(engine: EngineProcess) -> None:
    async def work() -> None:
        with connect(api_key="sk_wrong", base_url=engine.url) as session:
            hands = Hands(VoiceBrowser(session).widget)
            again = hands.the("Try again")
            assert hidden(again)
            await until(lambda: "refused the API key" in hands.said)
            assert "sk_wrong" not in hands.said
            assert not hidden(again)
            again.click()
            assert hidden(again)
            await until(lambda: not hidden(again))

    kernel(work)


def test_the_server_is_waited_for_in_a_thread_and_an_old_answer_changes_nothing(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    lets = [threading.Event(), threading.Event()]
    answers = [Voices([Voice("old", "Old")]), Voices([Voice("new", "<b>$New$</b>")])]

    def voices() -> Voices:
        number = len(threads)
        threads.append(threading.current_thread())
        lets[number].wait(20)
        return answers[number]

    monkeypatch.setattr(session, "voices", voices)

    async def work() -> None:
        browser = VoiceBrowser(session)
        hands = Hands(browser.widget)
        await until(lambda: len(threads) == 1)
        browser.fetch()
        await until(lambda: len(threads) == 2)
        lets[1].set()
        await until(lambda: hands.rows)
        lets[0].set()
        await asyncio.to_thread(threads[0].join)
        await asyncio.sleep(0)
        assert hands.rows == ["<b>$New$</b>"]
        hands.the("Voices").index = 0
        assert "&lt;b&gt;$New$&lt;/b&gt;" in hands.said
        assert "<b>$New" not in hands.said

    kernel(work)
    assert threading.main_thread() not in threads


def test_what_nobody_foresaw_is_a_sentence_too(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def voices() -> Voices:
        raise ZeroDivisionError("<of course>")

    monkeypatch.setattr(session, "voices", voices)

    async def work() -> None:
        hands = Hands(VoiceBrowser(session).widget)
        await until(lambda: 'role="alert"' in hands.said)
        assert "could not be fetched (ZeroDivisionError: &lt;of course&gt;)" in hands.said

    kernel(work)


def test_seven_hundred_voices_are_shown_and_searched(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = Voices([Voice(f"id-{n}", f"Name {n}", language="en") for n in range(700)])
    monkeypatch.setattr(session, "voices", lambda: many)

    async def work() -> None:
        hands = Hands(VoiceBrowser(session).widget)
        await until(lambda: len(hands.rows) == 700)
        hands.the("Search voices").value = "name 69"
        assert len(hands.rows) == 17
        assert "17 of 700 voices" in hands.said

    kernel(work)
