"""The tuner in a real kernel, with the engine's own log as the witness of what was asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cartesia_nb.errors import CartesiaNbError
from cartesia_nb.notebook.session import Session
from tests.notebook.kernel import Kernel, kernel

PRELUDE = """
import asyncio, tempfile, time
import ipywidgets.widgets.widget as made
import traitlets
import cartesia_nb as cnb
tts = cnb.connect("local")
tts.engine.control(first_audio_ms=0, speedup=None)

async def until(reached):
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline, state()
        await asyncio.sleep(0.02)

def state():
    return tuner._board._state.value

def remarks():
    return tuner._board._remarks.value

def slider(name):
    return tuner._controls.of(name).children[0]

def speeds(since=0):
    return [each.get("generation_config", {}).get("speed") for each in tts.engine.log()[since:]]
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Kernel]:
    with kernel(CARTESIA_API_KEY="") as running:
        running.run(PRELUDE)
        yield running


@pytest.fixture
def notebook(running: Kernel) -> Iterator[Kernel]:
    running.run("tuner = tts.tune('Hi.')\nbefore = len(tts.engine.log())")
    yield running
    running.run("tuner.close()")


def test_it_speaks_and_tells_how_the_take_stands_and_what_was_spent(notebook: Kernel) -> None:
    said = notebook.run(
        "await tuner.speak()\nawait until(lambda: 'Done' in state())\n"
        "spent = f'{tts.characters:,} characters'\n"
        "await until(lambda: spent in tuner._board._spent.value)\n"
        "print(state(), len(tuner.takes), tuner.takes[-1].text)"
    )
    assert "first audio after" in said and said.strip().endswith("1 Hi.")


def test_speak_always_speaks_anew(notebook: Kernel) -> None:
    said = notebook.run(
        "ids = {(await tuner.speak()).id for _ in range(3)}\nprint(len(ids), len(speeds(before)))"
    )
    assert said.split() == ["3", "3"]


def test_three_moves_in_a_second_are_one_generation_and_the_same_is_not_said_twice(
    notebook: Kernel,
) -> None:
    said = notebook.run(
        "tuner.speak_on_change = True\n"
        "for speed in (0.8, 0.9, 1.2):\n"
        "    slider('speed').value = speed\n    await asyncio.sleep(0.2)\n"
        "await until(lambda: speeds(before))\nawait tuner.takes[-1]\n"
        "slider('speed').value = 0.7\nslider('speed').value = 1.2\n"
        "await asyncio.sleep(1)\nprint(speeds(before))"
    )
    assert said.strip() == "[1.2]"


def test_what_is_set_stands_on_the_controls_exactly_and_back(notebook: Kernel) -> None:
    said = notebook.run(
        "tuner.settings = cnb.Settings(speed=0.853, extra={'new': [1]}, language='de')\n"
        "print(slider('speed').value, tuner._controls.read('volume'))\n"
        "slider('volume').value = 1.25\nprint(tuner.settings)\n"
        "tuner._controls.of('volume').children[-1].value = True\nprint(tuner.settings)"
    )
    assert said.splitlines() == [
        "0.853 None",
        "Settings(language='de', speed=0.853, volume=1.25, extra={'new': [1]})",
        "Settings(language='de', speed=0.853, extra={'new': [1]})",
    ]


def test_a_slider_sets_steps_and_python_sets_whatever_it_likes(notebook: Kernel) -> None:
    said = notebook.run(
        # As a page reckons.
        "slider('speed').value = 1.3900000000000001\nprint(tuner.settings)\n"
        "tuner.settings = cnb.Settings(speed=1.23456)\nprint(tuner.settings, slider('speed').value)"
    )
    assert said.splitlines() == ["Settings(speed=1.39)", "Settings(speed=1.23456) 1.23456"]


def test_no_value_of_its_own_is_a_choice_like_any_other(notebook: Kernel) -> None:
    said = notebook.run(
        "field = tuner._controls.of('emotion')\nprint(field.label)\n"
        "field.label = 'sad'\nprint(tuner.settings)\n"
        "field.index = 0\nprint(field.label, tuner.settings)"
    )
    assert said.splitlines() == [
        "the voice's own",
        "Settings(emotion='sad')",
        "the voice's own Settings()",
    ]


def test_two_tuners_can_be_linked_without_a_loop(notebook: Kernel) -> None:
    said = notebook.run(
        "other = tts.tune('Hi.')\nlink = traitlets.link((tuner, 'settings'), (other, 'settings'))\n"
        "slider('speed').value = 0.77\nprint(other.settings)\n"
        "other.settings = cnb.Settings(emotion='sad')\nprint(tuner.settings)\n"
        "link.unlink()\nother.close()"
    )
    assert said.splitlines() == ["Settings(speed=0.77)", "Settings(emotion='sad')"]


def test_what_is_no_setting_is_told_and_the_last_good_one_stays(notebook: Kernel) -> None:
    said = notebook.run(
        "model = tuner._controls.of('model_id')\nmodel.value = 'two words'\n"
        "print(remarks())\nslider('speed').value = 1.1\n"
        "print(tuner.settings, model.value)\nmodel.value = '  sonic-2 '\n"
        "print(tuner.settings.model_id, repr(model.value), remarks())\n"
        "tuner._controls.of('pronunciation_dict_id').value = 'd'\nprint(remarks())"
    ).splitlines()
    assert "has spaces in it" in said[0]
    assert said[1] == "Settings(speed=1.1) two words"
    assert said[2].startswith("sonic-2 'sonic-2'") and "spaces" not in said[2]
    assert "pronunciation_dict_id will have no effect" in said[3]


def test_what_failed_is_told_in_the_tuner(notebook: Kernel) -> None:
    said = notebook.run(
        "tts.engine.misbehave('error@0')\ntuner._board._speak.click()\n"
        "await until(lambda: 'Failed' in state())\nprint(state())\ntts.engine.misbehave()\n"
        "tuner.text = ' '\ntuner._board._speak.click()\nprint(state())"
    ).splitlines()
    assert 'role="alert"' in said[0] and "nothing to say" in said[1]


def test_players_do_not_pile_up(notebook: Kernel) -> None:
    said = notebook.run(
        "for _ in range(20):\n    await tuner.speak()\nfirst = len(made._instances)\n"
        "for _ in range(30):\n    await tuner.speak()\n"
        "kinds = [type(each).__name__ for each in made._instances.values()]\n"
        "print(len(made._instances) - first, kinds.count('Player'))"
    )
    assert said.split() == ["0", "1"]


def test_text_settings_and_takes_are_back_from_its_folder(notebook: Kernel) -> None:
    said = notebook.run(
        "folder = tempfile.mkdtemp()\nkept = tts.tune('Keep me.', folder=folder)\n"
        "kept.settings = cnb.Settings(speed=0.853)\nawait kept.speak()\n"
        "from pathlib import Path\nawait until(lambda: list(Path(folder).rglob('*.wav')))\n"
        "await asyncio.sleep(0.2)\nkept.close()\nback = tts.tune(folder=folder)\n"
        "print(back.settings, back.text, [each.text for each in back.takes])\nback.close()"
    )
    assert said.strip() == "Settings(speed=0.853) Keep me. ['Keep me.']"


def test_where_there_is_no_notebook_it_says_so(session: Session) -> None:
    with pytest.raises(CartesiaNbError, match="needs a notebook"):
        session.tune()
