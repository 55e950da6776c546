"""How a tuner speaks, stops and fails, in a real kernel; the engine's log is the witness."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notebook.kernel import Kernel, kernel
from tests.tuning.test_tuner import PRELUDE

SLOW = "Hi there, this takes its time. " * 20


@pytest.fixture(scope="module")
def running() -> Iterator[Kernel]:
    with kernel(CARTESIA_API_KEY="") as running:
        running.run(f"{PRELUDE}\nimport gc, threading, weakref\nSLOW = {SLOW!r}")
        running.run(
            "def logged(since=None):\n"
            "    since = before if since is None else since\n"
            "    return [each['state'] for each in tts.engine.log()[since:]]"
        )
        yield running


@pytest.fixture
def notebook(running: Kernel) -> Iterator[Kernel]:
    running.run("tuner = tts.tune('Hi.')\nbefore = len(tts.engine.log())")
    yield running
    running.run(
        "tuner.close()\ntts.stop()\ntts.engine.misbehave()\ntts.engine.control(speedup=None)"
    )


def test_text_goes_both_ways_and_can_be_linked(notebook: Kernel) -> None:
    said = notebook.run(
        "import ipywidgets\nother = ipywidgets.Text()\narea = tuner._board._text\n"
        "link = traitlets.link((tuner, 'text'), (other, 'value'))\n"
        "area.value = 'From the page.'\nprint(tuner.text, other.value)\n"
        "other.value = 'From elsewhere.'\nprint(tuner.text, area.value)\n"
        "tuner.text = 'From \"Python\"'\nprint(area.value, other.value)\n"
        "link.unlink()\nother.close()\n"
        "print(repr(tuner.text) in tuner.code, repr(tuner.text) in tuner._board._code.code)"
    )
    assert said.splitlines() == [
        "From the page. From the page.",
        "From elsewhere. From elsewhere.",
        'From "Python" From "Python"',
        "True True",
    ]


def test_speaking_again_stops_its_own_last_take_and_no_others(notebook: Kernel) -> None:
    said = notebook.run(
        "tts.engine.control(speedup=1.0)\n"
        "theirs = tts.say(SLOW, play=False)\ntuner.text = SLOW\nfirst = tuner.speak()\n"
        "await until(lambda: first.duration > 0 and theirs.duration > 0)\n"
        "second = tuner.speak()\nawait until(lambda: second.duration > 0)\n"
        "await until(lambda: 'cancelled' in logged())\n"
        "print(first.state, second.state, theirs.state, logged())\n"
        "tuner._board._stop.click()\nawait until(lambda: second.state == 'cancelled')\n"
        "await until(lambda: 'Stopped' in state())\n"
        "print(theirs.state)\nawait until(lambda: logged().count('cancelled') == 2)\n"
        "print(len(tuner.takes))\ntheirs.cancel()"
    )
    assert said.splitlines() == [
        "cancelled speaking speaking ['running', 'cancelled', 'running']",
        "speaking",
        "2",
    ]


def test_a_change_is_spoken_after_the_last_one_was_stopped_first(notebook: Kernel) -> None:
    said = notebook.run(
        "tts.engine.control(speedup=1.0)\ntuner.text = SLOW\nfirst = tuner.speak()\n"
        "await until(lambda: first.duration > 0)\n"
        "tuner.speak_on_change = True\nslider('speed').value = 0.9\n"
        "await until(lambda: len(logged()) == 2 and tuner.takes[-1].duration > 0)\n"
        "old, new = tts.engine.log()[before:]\nprint(first.state, old['state'], new['state'])"
    )
    assert said.splitlines() == ["cancelled cancelled running"]


def test_what_waits_to_be_spoken_is_not_when_it_is_stopped_or_switched_off(
    notebook: Kernel,
) -> None:
    said = notebook.run(
        "tuner.speak_on_change = True\nslider('speed').value = 0.9\ntuner.stop()\n"
        "await asyncio.sleep(0.9)\nprint(logged())\n"
        "slider('speed').value = 0.8\ntuner._board._eager.value = False\n"
        "tuner.text = 'Something else.'\nawait asyncio.sleep(0.9)\n"
        "print(tuner.speak_on_change, logged())"
    )
    assert said.splitlines() == ["[]", "False []"]


def test_what_was_just_spoken_on_demand_is_not_spoken_by_itself(notebook: Kernel) -> None:
    said = notebook.run(
        "tuner.speak_on_change = True\nslider('speed').value = 1.2\nawait tuner.speak()\n"
        "slider('speed').value = 0.7\nslider('speed').value = 1.2\nawait asyncio.sleep(0.9)\n"
        "print(speeds(before))"
    )
    assert said.strip() == "[1.2]"


def test_what_failed_is_spoken_again_by_a_change_back_to_it(notebook: Kernel) -> None:
    said = notebook.run(
        "tts.engine.misbehave('error@0')\ntuner.speak_on_change = True\n"
        "slider('speed').value = 1.2\nawait until(lambda: 'Failed' in state())\n"
        "slider('speed').value = 0.7\nslider('speed').value = 1.2\n"
        "await until(lambda: 'Done' in state())\nprint(speeds(before))"
    )
    assert said.strip() == "[1.2, 1.2]"


def test_a_connection_that_is_lost_is_told_in_the_tuner_and_then_it_speaks_again(
    notebook: Kernel,
) -> None:
    said = notebook.run(
        "tts.engine.misbehave('drop@1')\ntuner.text = SLOW\ntuner._board._speak.click()\n"
        "await until(lambda: 'Failed' in state())\nprint(state())\ntts.engine.misbehave()\n"
        "tuner._board._speak.click()\nawait until(lambda: 'Done' in state())\nprint(state())"
    ).splitlines()
    assert 'role="alert"' in said[0] and "connection" in said[0] and "of it came" in said[0]
    assert 'role="status"' in said[1]


def test_a_wrong_key_is_told_in_the_tuner_without_the_key(notebook: Kernel) -> None:
    said = notebook.run(
        "bad = cnb.connect(api_key='sk_car_wrong', base_url=tts.engine.url)\n"
        "good, tuner = tuner, bad.tune('Hi.')\ntuner._board._speak.click()\n"
        "await until(lambda: 'Failed' in state())\nprint(state())\n"
        "import warnings\nwith warnings.catch_warnings(record=True) as warned:\n"
        "    warnings.simplefilter('always')\n    tuner._board._speak.click()\n"
        "print(len(warned))\nprint('sk_car_wrong' in tuner.code + tuner.sdk_code + state())\n"
        "bad.close()\ntuner._board._speak.click()\nprint(state())\ntuner.close()\ntuner = good"
    ).splitlines()
    assert 'role="alert"' in said[1] and "key" in said[1]
    assert said[-3:-1] == ["0", "False"], "what the tuner told is warned of once more"
    assert "closed" in said[-1] and 'role="alert"' in said[-1]


def test_it_speaks_and_stops_from_any_thread(notebook: Kernel) -> None:
    said = notebook.run(
        "tts.engine.control(speedup=1.0)\ntuner.text = SLOW\nwhose = set()\n"
        "tuner._board._stage.observe(lambda c: whose.add(threading.current_thread()), 'children')\n"
        "await asyncio.to_thread(tuner.speak)\n"
        "await until(lambda: len(tuner.takes) == 1 and tuner.takes[-1].duration > 0)\n"
        "await asyncio.to_thread(tuner.stop)\nawait until(lambda: 'Stopped' in state())\n"
        "print(whose == {threading.main_thread()})"
    )
    assert said.strip() == "True"


def test_a_take_of_the_shelf_is_shown_in_its_player(notebook: Kernel) -> None:
    said = notebook.run(
        "first, second = [await tuner.speak() for _ in range(2)]\n"
        "player = tuner._board._player\nprint(player.take == second.id)\n"
        "tuner._shelf._replay(1)\nprint(tuner._board._player.take == first.id, player.comm)\n"
        "print(len(logged()), len(tuner._board._stage.children))"
    )
    assert said.splitlines() == ["True", "True None", "2 1"]


def test_when_it_is_closed_no_widget_of_it_is_left(notebook: Kernel) -> None:
    said = notebook.run(
        "old = set(made._instances)\nother = tts.tune('Hi.')\nfor _ in range(12):\n"
        "    await other.speak()\nother.close()\nother.close()\n"
        "print(sorted(type(each).__name__ for key, each in made._instances.items()"
        " if key not in old))"
    )
    assert said.strip() == "[]"


def test_a_take_that_is_let_go_of_is_freed_with_the_player_that_showed_it(
    notebook: Kernel,
) -> None:
    said = notebook.run(
        "from cartesia_nb.tuning import shelf\nusual, shelf.MOST = shelf.MOST, 3\nspoken = []\n"
        "for _ in range(8):\n    spoken.append(weakref.ref(await tuner.speak()))\n"
        "await until(lambda: len(tuner.takes) == 3 and 'Done' in state())\n"
        "shelf.MOST = usual\ngc.collect()\nprint([each() is None for each in spoken])"
    )
    assert said.strip() == str([True] * 5 + [False] * 3)


def test_the_code_it_shows_is_run_and_asks_for_what_the_tuner_asks(notebook: Kernel) -> None:
    said = notebook.run(
        "tuner.text = 'It\\'s \"so\"\\n漢字 \\\\n'\n"
        "print('Cartesia has none' in tuner.code)\n"  # Cartesia's quickstart has that one
        "tuner.settings = cnb.Settings(\n    speed=0.853, emotion='calm', sample_rate=16000,"
        " voice=tts.voices()[3].id\n)\n"
        "await until(lambda: 'Cartesia has none of that id' in tuner._board._code.code)\n"
        "await tuner.speak()\nnames = {}\nexec(tuner._board._code.code, names)\n"
        "await names['take']\ndiffers = 'number', 'context_id', 'state'\n"
        "asked = [[(name, value) for name, value in log()[-1].items() if name not in differs]\n"
        "    for log in (tts.engine.log, names['tts'].engine.log)]\nnames['tts'].close()\n"
        "print(sorted(asked[0]) == sorted(asked[1]), names['take'].text == tuner.text)\n"
        "print('Cartesia has none of that id' in tuner._board._sdk_code.code)"
    )
    assert said.splitlines()[0] == "False" and said.splitlines()[-2:] == ["True True", "True"]


def test_settings_that_are_none_are_refused_and_the_last_ones_stay(notebook: Kernel) -> None:
    said = notebook.run(
        "tuner.settings = cnb.Settings(speed=1.2)\nfor wrong in (None, {'speed': 1.0}, 'fast'):\n"
        "    try:\n        tuner.settings = wrong\n"
        "    except traitlets.TraitError:\n        print(tuner.settings, slider('speed').value)"
    )
    assert said.splitlines() == ["Settings(speed=1.2) 1.2"] * 3


def test_a_folder_that_is_broken_is_told_of_and_the_tuner_works_all_the_same(
    notebook: Kernel,
) -> None:
    said = notebook.run(
        "import shutil\nfrom pathlib import Path\nfolder = Path(tempfile.mkdtemp())\n"
        "(folder / 'tuner.json').write_text('half')\n"
        "good, tuner = tuner, tts.tune('Hi.', folder=folder)\nprint(remarks())\n"
        "slider('speed').value = 1.2\nprint(remarks() == '', 'half' in open(folder / 'tuner.json')"
        ".read())\nshutil.rmtree(folder)\nslider('speed').value = 0.9\nprint(remarks())\n"
        "await tuner.speak()\nprint(tuner.settings, len(tuner.takes))\n"
        "tuner.close()\ntuner = good"
    ).splitlines()
    assert 'role="alert"' in said[0] and "stood on the controls can&#x27;t be read" in said[0]
    assert said[1] == "True False"
    assert 'role="alert"' in said[2] and "can&#x27;t be written" in said[2]
    assert said[3] == "Settings(speed=0.9) 1"
