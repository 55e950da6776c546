"""All controls together: what is shown is read back, and who changed what is told."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from cartesia_nb.errors import SettingsError
from cartesia_nb.notebook.session import Session
from cartesia_nb.protocol import limits
from cartesia_nb.speech.allowed import ALLOWED
from cartesia_nb.speech.settings import FIELDS, Settings
from cartesia_nb.tuning.controls import Controls
from cartesia_nb.tuning.mainthread import MainThread
from tests.tuning.hands import Hands, kernel, until

IDS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20)
SETTINGS = st.builds(
    Settings,
    model_id=IDS,
    voice=IDS,
    language=st.none() | st.sampled_from(limits.LANGUAGES) | st.just("pt-BR"),
    encoding=st.sampled_from(ALLOWED["encoding"].choices),
    sample_rate=st.sampled_from(ALLOWED["sample_rate"].choices),
    speed=st.none() | st.floats(*limits.SPEED_RANGE),
    volume=st.none() | st.floats(*limits.VOLUME_RANGE),
    emotion=st.none() | st.sampled_from(limits.EMOTIONS),
    max_buffer_delay_ms=st.integers(0, 5000),
    add_timestamps=st.booleans(),
    add_phoneme_timestamps=st.booleans(),
    use_normalized_timestamps=st.none() | st.booleans(),
    pronunciation_dict_id=st.none() | IDS,
    extra=st.dictionaries(
        st.sampled_from(["new", "newer"]),
        st.none() | st.text(st.characters(exclude_categories=["Cs"])) | st.lists(st.integers()),
        max_size=2,
    ),
)


def controls(session: Session, changed: Callable[[str], None]) -> Controls:
    return Controls(session, Settings(), main=MainThread(), changed=changed)


def read(made: Controls) -> Settings:
    return Settings.of(**{name: made.read(name) for name in FIELDS})


def test_any_settings_are_shown_exactly_and_nobody_is_called(session: Session) -> None:
    changed: list[str] = []

    async def work() -> None:
        made = controls(session, changed.append)

        @given(st.lists(SETTINGS, min_size=2, max_size=2))
        @examples(
            max_examples=40,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture],
        )
        def shown(both: list[Settings]) -> None:
            for each in both:
                made.show(each)
                assert read(made) == each

        shown()
        made.close()

    kernel(work)
    assert changed == []


def _press(made: Controls, name: str) -> widgets.Widget:
    found = made.of(name)
    return found.children[0] if isinstance(found, widgets.HBox) else found


@pytest.mark.parametrize(
    "name, put, value",
    [
        ("model_id", "sonic-9", "sonic-9"),
        ("language", "de", "de"),
        ("speed", 1.2, 1.2),
        ("volume", 0.7, 0.7),
        ("max_buffer_delay_ms", 150, 150),
        ("add_timestamps", False, False),
        ("add_phoneme_timestamps", True, True),
        ("pronunciation_dict_id", "d", "d"),
        ("extra", '{"new": 1}', {"new": 1}),
    ],
)
def test_what_a_person_changes_is_told_once_by_its_name(
    session: Session, name: str, put: object, value: object
) -> None:
    changed: list[str] = []

    async def work() -> None:
        made = controls(session, changed.append)
        _press(made, name).value = put
        assert (changed, made.read(name)) == ([name], value)
        made.close()

    kernel(work)


@pytest.mark.parametrize("name", ["emotion", "encoding", "sample_rate"])
def test_what_a_person_selects_is_told_once_by_its_name(session: Session, name: str) -> None:
    changed: list[str] = []

    async def work() -> None:
        made = controls(session, changed.append)
        field = made.of(name)
        field.index = len(field.options) - 1
        assert changed == [name]
        assert made.read(name) == ALLOWED[name].choices[-1]
        field.index = 0
        first = None if ALLOWED[name].optional else ALLOWED[name].choices[0]
        assert made.read(name) == first and changed == [name, name]
        made.close()

    kernel(work)


def test_a_voice_is_chosen_in_the_browser_or_pasted(session: Session) -> None:
    changed: list[str] = []

    async def work() -> None:
        made = controls(session, changed.append)
        hands = Hands(made.widget)
        await until(lambda: hands.rows)
        assert changed == [], "the list's coming is no change"
        hands.the("Voices").index = 2
        hands.the("Use this voice").click()
        chosen = hands.the("Voices").value
        assert (changed, made.read("voice")) == (["voice"], chosen)
        assert made.voice_name(chosen) in hands.rows[2] and made.voice_name(chosen) != chosen
        hands.the("Voice id").value = " two words"
        assert changed == ["voice", "voice"]
        with pytest.raises(SettingsError, match="voice is 'two words', which has spaces in it"):
            made.read("voice")
        assert made.voice_name("my-clone") == "my-clone"
        made.show(Settings(voice=chosen))
        assert hands.the("Voice id").value == chosen == made.read("voice")
        made.close()

    kernel(work)


def test_the_voice_in_use_is_named_where_the_voices_are_folded_away(session: Session) -> None:
    async def work() -> None:
        first, second = session.voices()[:2]
        made = controls(session, lambda name: None)
        made.show(Settings(voice=first.id))
        (fold,) = (
            at for at in made.widget.children if "Voice: " in "".join(getattr(at, "titles", ()))
        )
        assert fold.selected_index is None
        assert fold.titles == (f"Voice: {first.id}",), "nobody knows it yet"
        await until(lambda: fold.titles == (f"Voice: {first.name}",))
        made.show(Settings(voice=second.id))
        assert fold.titles == (f"Voice: {second.name}",)
        made.close()

    kernel(work)


def test_what_is_left_as_it_is_keeps_what_a_person_put_there(session: Session) -> None:
    async def work() -> None:
        made = controls(session, lambda name: None)
        made.of("model_id").value = "two words"
        made.show(Settings(speed=1.2), but=["model_id"])
        assert made.of("model_id").value == "two words" and made.read("speed") == 1.2
        made.show(Settings(speed=1.2))
        assert made.of("model_id").value == limits.DEFAULT_MODEL
        made.close()

    kernel(work)


def test_each_setting_has_a_control_that_says_what_it_is(session: Session) -> None:
    async def work() -> None:
        made = controls(session, lambda name: None)
        for name in FIELDS:
            if name != "voice":
                control = _press(made, name)
                assert ALLOWED[name].about.split(";")[0].lower() in control.tooltip.lower()
                assert control.description
        made.close()

    kernel(work)
