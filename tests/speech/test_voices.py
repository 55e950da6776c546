"""Voices: read from what a server gives, chosen, shown, heard and kept for a while."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import pickle
import unicodedata
from collections.abc import Callable, Coroutine, Sequence
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from cartesia.types.voice import Voice as VoiceRow

from cartesia_nb.errors import CartesiaNbError, ConnectError, SettingsError
from cartesia_nb.protocol import limits
from cartesia_nb.speech import loops
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.rest import Rest
from cartesia_nb.speech.samples import SAMPLES, sample
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.socket import Endpoint
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.voices import FRESH_S, Catalogue, Voice, Voices

T = TypeVar("T")

ANN = Voice(id="a1", name="Ann", language="en", locales=("en-US",), gender="feminine")
BEA = Voice(
    id="b2", name="Béa <b>", language="fr", locales=("fr-FR", "en-GB"), description="R&B, </td>"
)
ANN2 = Voice(id="a3", name="ann", language="de")


# Any: what a coroutine yields to its loop is its own business.
def on_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    return loops.finish(coroutine, 20)


def speaker(connection: Connection) -> Callable[..., Take]:
    """What a session's say() does, without its page."""

    def speak(text: str, **settings: object) -> Take:
        context = connection.context(Settings.of(**settings))
        context.push(text)
        context.no_more_inputs()
        return context.take

    return speak


class Table(HTMLParser):
    """The rows of an HTML table as texts, its caption and the attributes of every tag."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.caption = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(source)
        assert self._open == []  # every tag is closed

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "caption" in self._open:
            self.caption += data
        elif self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


class Shop:
    """Counts how often voices are fetched, and with what."""

    def __init__(self, rows: Sequence[object] = ()) -> None:
        self.rows = rows
        self.asked: list[tuple[str | None, str | None, bool]] = []
        self.fault: Exception | None = None
        self.free = asyncio.Event()
        self.free.set()
        self.now = 0.0

    async def fetch(self, gender: str | None, query: str | None, mine: bool) -> Sequence[object]:
        self.asked.append((gender, query, mine))
        await self.free.wait()
        if self.fault is not None:
            raise self.fault
        return self.rows

    def catalogue(self) -> Catalogue:
        return Catalogue(self.fetch, clock=lambda: self.now)


def test_a_row_of_the_sdk_becomes_a_voice_its_own_locale_first() -> None:
    row = VoiceRow.construct(
        id="v",
        name="Katie",
        tagline="Friendly",
        description="A voice.",
        language="en",
        gender="feminine",
        accent="southern-us",
        is_owner=True,
        locales=[{"locale": "es-MX", "is_native": False}, {"locale": "en-US", "is_native": True}],
    )
    assert Voice.of(row) == Voice(
        id="v",
        name="Katie",
        tagline="Friendly",
        description="A voice.",
        language="en",
        locales=("en-US", "es-MX"),
        gender="feminine",
        accent="southern-us",
        mine=True,
    )


def test_a_row_that_lacks_everything_but_its_id_is_a_voice_of_unknowns() -> None:
    assert Voice.of(VoiceRow.construct(id="v")) == Voice(id="v")
    odd = SimpleNamespace(id="v", name=3, language=None, locales="en", is_owner="yes", gender="")
    assert Voice.of(odd) == Voice(id="v")
    assert Voice.of(SimpleNamespace(id="v", locales=["en-GB", None, 3])) == Voice(
        id="v", locales=("en-GB",)
    )
    for none in (SimpleNamespace(name="Ann"), SimpleNamespace(id=""), None, "text"):
        assert Voice.of(none) is None


def test_voices_are_taken_by_number_name_id_and_slice() -> None:
    voices = Voices([ANN, BEA])
    assert len(voices) == 2
    assert voices[0] is ANN and voices[-1] is BEA
    assert voices["ann"] is ANN and voices[" Ann "] is ANN and voices["b2"] is BEA
    assert isinstance(voices[:1], Voices) and list(voices[:1]) == [ANN]
    assert list(voices) == [ANN, BEA]
    held: list[object] = ["Ann", "b2", ANN]
    absent: list[object] = ["Carl", ANN2, 0]
    assert [each in voices for each in held + absent] == [True] * 3 + [False] * 3
    with pytest.raises(IndexError):
        voices[2]


def test_a_name_that_no_voice_has_or_two_have_is_told() -> None:
    voices = Voices([ANN, BEA, ANN2])
    with pytest.raises(SettingsError, match=r"3 voices is named 'Anna'\. Did you mean"):
        voices["Anna"]
    with pytest.raises(SettingsError, match=r"None of these 3 .* Show them"):
        voices["Wolfgang"]
    with pytest.raises(SettingsError, match=r"2 of these .* by its number, 0, 2, or by its id"):
        voices["Ann"]


def test_a_voice_is_what_settings_take() -> None:
    assert Settings.of(voice=ANN).voice == "a1"


def test_the_table_has_a_row_for_each_voice_escaped_and_says_how_many() -> None:
    table = Table(Voices([ANN, BEA])._repr_html_())
    assert table.caption == "2 voices"
    assert table.rows == [
        ["#", "Name", "Language", "Gender", "Description", "Id"],
        ["0", "Ann", "en-US", "feminine", "", "a1"],
        ["1", "Béa <b>", "fr-FR, en-GB", "", "R&B, </td>", "b2"],
    ]


def test_the_table_is_accessible_bounded_in_height_and_brings_no_colours() -> None:
    source = Voices([ANN, BEA])._repr_html_()
    table = Table(source)
    region = table.tags[0][1]
    assert region["role"] == "region" and region["aria-label"] == "2 voices"
    assert region["tabindex"] == "0"  # reached and scrolled by keyboard
    assert "max-height" in str(region["style"]) and "overflow:auto" in str(region["style"])
    scopes = [attrs["scope"] for tag, attrs in table.tags if tag == "th"]
    assert scopes == ["col"] * 6 + ["row"] * 2
    assert "color" not in source and "background" not in source


def test_a_long_table_is_bounded_and_says_so() -> None:
    many = Voices(Voice(id=f"v{n}", name=f"N{n}", description="long " * 900) for n in range(3000))
    table = Table(many._repr_html_())
    assert table.caption.startswith("3000 voices, the first 250 shown; narrow it down")
    assert len(table.rows) == 251
    assert len(many._repr_html_()) < 300_000
    assert repr(many).startswith("3000 voices, the first 20 shown")
    assert len(repr(many).splitlines()) == 21


def test_ones_own_voices_are_marked() -> None:
    mine = dataclasses.replace(ANN, mine=True, description="Warm.")
    assert Table(Voices([mine])._repr_html_()).rows[1][4] == "Yours. Warm."


def test_the_text_is_a_short_table_too() -> None:
    assert repr(Voices([ANN, BEA])).splitlines() == [
        "2 voices",
        "0  Ann      en-US         feminine  a1",
        "1  Béa <b>  fr-FR, en-GB            b2",
    ]
    assert repr(Voices([])) == "No voices"
    assert Table(Voices([])._repr_html_()).caption == "No voices"


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["Ann", "Béa <b>"]),
        ("en-GB", ["Béa <b>"]),
        ("EN_gb", ["Béa <b>"]),
        ("en-US", ["Ann"]),
        ("fr", ["Béa <b>"]),
        ("de", ["ann"]),
        ("de-DE", []),
        ("ja", []),
    ],
)
def test_a_language_matches_every_locale_of_it_and_a_locale_itself_alone(
    language: str, names: list[str]
) -> None:
    async def ask() -> Voices:
        return await Shop([ANN, BEA, ANN2]).catalogue().voices(language=language)

    # Our own voices have the fields of a row, so they are read as ones.
    assert [voice.name for voice in on_loop(ask())] == names


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"gender": "male"}, "gender is 'male'; allowed are masculine, feminine, gender_neutral"),
        ({"language": "english"}, "language is 'english'; it takes a code"),
        ({"language": "xx-YY"}, "en, fr, de"),
        ({"language": 3}, "language is 3"),
    ],
)
def test_an_unknown_filter_is_refused_before_a_server_is_asked(
    filters: dict[str, Any], says: str
) -> None:
    async def ask() -> None:
        shop = Shop()
        with pytest.raises(SettingsError, match=says):
            await shop.catalogue().voices(**filters)
        assert shop.asked == []

    on_loop(ask())


def test_a_list_is_kept_for_five_minutes_for_each_gender_query_and_owner() -> None:
    async def ask() -> None:
        shop = Shop([ANN])
        catalogue = shop.catalogue()
        for _ in range(2):
            await catalogue.voices()
            await catalogue.voices(language="en")  # filtered here, of the same list
            await catalogue.voices(gender="feminine")
            await catalogue.voices(query="Ann")
            await catalogue.voices(mine=True)
        every = [
            (None, None, False),
            ("feminine", None, False),
            (None, "Ann", False),
            (None, None, True),
        ]
        assert shop.asked == every
        shop.now = FRESH_S - 0.1
        await catalogue.voices()
        assert len(shop.asked) == 4
        shop.now = FRESH_S
        await catalogue.voices()
        assert shop.asked == [*every, (None, None, False)]

    on_loop(ask())


def test_those_who_ask_at_once_share_one_fetch_and_one_who_gives_up_harms_nobody() -> None:
    async def ask() -> None:
        shop = Shop([ANN])
        shop.free.clear()
        catalogue = shop.catalogue()
        callers = [asyncio.ensure_future(catalogue.voices()) for _ in range(3)]
        while not shop.asked:
            await asyncio.sleep(0)
        callers[0].cancel()
        await asyncio.wait([callers[0]])
        shop.free.set()
        assert [list(await caller) for caller in callers[1:]] == [[ANN], [ANN]]
        assert callers[0].cancelled()
        assert len(shop.asked) == 1

    on_loop(ask())


def test_a_failed_fetch_is_told_to_all_who_wait_and_not_kept() -> None:
    async def ask() -> None:
        shop = Shop([ANN])
        shop.fault = ConnectError("No server answers.")
        catalogue = shop.catalogue()
        outcomes = await asyncio.gather(
            *(catalogue.voices() for _ in range(2)), return_exceptions=True
        )
        assert [type(outcome) for outcome in outcomes] == [ConnectError] * 2
        shop.fault = None
        assert list(await catalogue.voices()) == [ANN]
        assert len(shop.asked) == 2

    on_loop(ask())


def test_the_engines_voices_are_found_and_heard_in_their_own_language(
    endpoint: Endpoint, connection: Connection
) -> None:
    async def where() -> Endpoint:
        return endpoint

    async def ask() -> Voices:
        rest = Rest(where, 10)
        try:
            catalogue = Catalogue(rest.voices, speak=speaker(connection))
            return await catalogue.voices(language="fr", gender="feminine")
        finally:
            await rest.close()

    (voice,) = on_loop(ask())
    assert (voice.language, voice.gender, voice.locales) == ("fr", "feminine", ("fr-FR",))
    assert voice.mine is False
    take = voice.preview().wait(timeout=20)
    assert take.text == SAMPLES["fr"]
    assert (take.settings.voice, take.settings.language) == (voice.id, "fr")
    assert 1.0 < take.duration < 4.0
    assert voice.preview("Bonsoir.").wait(timeout=20).text == "Bonsoir."


def test_a_slice_can_be_heard_too_and_a_voice_alone_says_what_to_do(
    connection: Connection,
) -> None:
    voices = Voices([ANN, BEA], speak=speaker(connection))
    assert voices[1:]["Béa <b>"].preview().wait(timeout=20).text == SAMPLES["fr"]
    with pytest.raises(CartesiaNbError, match=r"say\(text, voice='a1'\)"):
        ANN.preview()


def test_a_voice_of_unknown_language_greets_in_english_and_asks_for_none(
    connection: Connection,
) -> None:
    (voice,) = Voices([Voice(id="v")], speak=speaker(connection))
    take = voice.preview().wait(timeout=20)
    assert take.text == SAMPLES["en"]
    assert take.settings.language is None
    assert sample("xx") == SAMPLES["en"]


def test_a_voice_copies_pickles_and_becomes_a_dict_without_its_session(
    connection: Connection,
) -> None:
    (voice,) = Voices([ANN], speak=speaker(connection))
    for again in (pickle.loads(pickle.dumps(voice)), copy.deepcopy(voice)):
        assert again == voice and hash(again) == hash(voice)
        with pytest.raises(CartesiaNbError):
            again.preview()
    assert "_speak" not in dataclasses.asdict(voice)
    assert "speak" not in repr(voice)


@pytest.mark.parametrize("language", limits.LANGUAGES)
def test_every_language_has_a_greeting_of_its_own_of_about_two_seconds(
    language: str, connection: Connection
) -> None:
    text = SAMPLES[language]
    assert text == unicodedata.normalize("NFC", text)
    assert list(SAMPLES.values()).count(text) == 1
    take = speaker(connection)(text, voice=f"{language}-voice", language=language)
    assert 0.8 < take.wait(timeout=20).duration < 4.5


def test_there_are_greetings_for_the_languages_and_no_others() -> None:
    assert set(SAMPLES) == set(limits.LANGUAGES)
