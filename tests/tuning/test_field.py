"""Each kind of control: it shows a value exactly, reads it back, and says what is no value."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartesia_nb.errors import SettingsError
from cartesia_nb.protocol import limits
from cartesia_nb.speech.settings import Settings
from cartesia_nb.tuning.field import (
    ChoiceField,
    FieldsField,
    FlagField,
    NumberField,
    TextField,
    spaceless,
)


class Changes:
    """Watches widgets as the controls do, and counts what a person changed."""

    def __init__(self) -> None:
        self.seen = 0

    def watch(self, widget: widgets.Widget, changed: Callable[[], None]) -> None:
        widget.observe(lambda change: changed(), "value")

    def __call__(self) -> None:
        self.seen += 1


@pytest.fixture
def changes() -> Changes:
    return Changes()


@given(st.none() | st.floats(*limits.SPEED_RANGE))
def test_a_slider_holds_any_number_exactly_and_none_too(value: float | None) -> None:
    changes = Changes()
    field = NumberField("speed", "Speed", changes.watch, changes)
    for each in (1.0, value, None, value):
        field.show(each)
        assert field.read() == each
    assert changes.seen == 0, "showing is not a person's doing"


@given(st.integers(*map(int, limits.BUFFER_DELAY_RANGE_MS)))
def test_a_slider_of_whole_numbers_holds_what_is_between_its_steps(value: int) -> None:
    changes = Changes()
    field = NumberField("max_buffer_delay_ms", "Buffering", changes.watch, changes)
    field.show(value)
    assert field.read() == value and isinstance(field.read(), int)


def test_moving_a_slider_leaves_the_voices_own_and_ticking_it_goes_back(changes: Changes) -> None:
    field = NumberField("volume", "Volume", changes.watch, changes)
    field.show(None)
    slider, _, own = field.widget.children
    assert own.value
    slider.value = 1.4
    assert (field.read(), own.value, changes.seen) == (1.4, False, 1)
    own.value = True
    assert (field.read(), changes.seen) == (None, 2)
    own.value = False
    assert (field.read(), changes.seen) == (1.0, 3), "where the slider went meanwhile"


def test_what_the_slider_rounds_is_told_beside_it(changes: Changes) -> None:
    field = NumberField("speed", "Speed", changes.watch, changes)
    exact = field.widget.children[1]
    for value, told, display in [(0.85, "", "none"), (0.853, "= 0.853", ""), (None, "", "none")]:
        field.show(value)
        assert (exact.value, exact.layout.display) == (told, display)


def test_ranges_choices_and_hints_come_from_the_settings(changes: Changes) -> None:
    slider = NumberField("speed", "Speed", changes.watch, changes).widget.children[0]
    assert (slider.min, slider.max) == limits.SPEED_RANGE
    assert "0.6 to 1.5" in slider.tooltip
    rates = ChoiceField("sample_rate", "Rate", changes.watch, changes, names={}).widget
    assert [label for label, _ in rates.options] == [str(rate) for rate in limits.SAMPLE_RATES]


@pytest.mark.parametrize(
    "name, values",
    [
        ("emotion", [None, *limits.EMOTIONS]),
        ("sample_rate", limits.SAMPLE_RATES),
        ("use_normalized_timestamps", [None, True, False]),
    ],
)
def test_every_choice_is_shown_as_chosen_and_read_back(
    name: str, values: list[object], changes: Changes
) -> None:
    field = ChoiceField(name, name, changes.watch, changes, names={None: "none"})
    for value in [*values, values[0]]:
        field.show(value)
        assert field.read() is value or field.read() == value
        assert field.widget.index == list(values).index(value), "nothing is shown as chosen"


def test_a_flag_is_read_back_and_tells_of_a_tick(changes: Changes) -> None:
    field = FlagField("add_timestamps", "Times", changes.watch, changes)
    field.show(True)
    assert field.read() is True
    changes.seen = 0
    field.widget.value = False
    assert field.read() is False and changes.seen == 1


def test_a_text_comes_without_the_spaces_of_what_was_pasted(changes: Changes) -> None:
    field = TextField("model_id", "Model", changes.watch, changes)
    field.widget.value = "  sonic-9\n"
    assert field.read() == "sonic-9"
    field.show("two words")  # from Python anything is taken
    assert field.widget.value == "two words"
    with pytest.raises(SettingsError, match="'two words', which has spaces in it"):
        field.read()


def test_an_empty_text_is_none_where_it_may_be_and_is_refused_elsewhere(changes: Changes) -> None:
    field = TextField("pronunciation_dict_id", "Dictionary", changes.watch, changes)
    field.show(None)
    assert field.widget.value == "" and field.read() is None
    field.widget.value = "  "
    assert field.read() is None
    model = TextField("model_id", "Model", changes.watch, changes)
    with pytest.raises(SettingsError, match="takes a text that is not empty"):
        Settings(model_id=str(model.read()))


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"new": [1, None, {"a": 'ü\n"'}]},
        {"generation_config": {"pitch": 1.5}},
        {"漢": "𝄞" * 99},
    ],
)
def test_other_fields_are_kept_as_they_are(extra: dict[str, object], changes: Changes) -> None:
    field = FieldsField("extra", "Other", changes.watch, changes)
    settings = Settings.of(extra=extra)
    field.show(settings.extra)
    assert field.read() == extra
    assert settings.replace(extra=field.read()) == settings


@pytest.mark.parametrize(
    "written, said",
    [
        ("{'a': 1}", "which is no JSON"),
        ('{"a": ', "which is no JSON"),
        ("[" * 100_000, "which is no JSON"),
        ("9" * 5000, "which is no JSON"),
        ("[1]", "takes a dict"),
        ('{"a": NaN}', "finite"),
        ('{"a": 1e999}', "finite"),
        ('{"transcript": "Hi"}', "transcript"),
    ],
)
def test_other_fields_that_are_none_are_told_in_a_sentence(
    written: str, said: str, changes: Changes
) -> None:
    field = FieldsField("extra", "Other", changes.watch, changes)
    field.widget.value = written
    with pytest.raises(SettingsError) as fault:
        Settings.of(extra=field.read())
    assert said in str(fault.value) and len(str(fault.value)) < 400


@given(st.text())
def test_an_id_has_no_space_in_it_whatever_comes(text: str) -> None:
    try:
        kept = spaceless("voice", text)
    except SettingsError:
        assert len(text.split()) > 1
    else:
        assert kept == text.strip() and len(kept.split()) <= 1
