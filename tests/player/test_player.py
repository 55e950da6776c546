"""A player's controls in Python, in a real kernel whose page is played by the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.notebook.kernel import Kernel, Message, kernel

WATCH = """
import asyncio, threading, time
import cartesia_nb as cnb
from cartesia_nb.speaker.speaker import Speaker

speaker = Speaker.current()

def watch(player, *names):
    # What the observers of a player are told, and in which thread.
    told = []
    player.observe(lambda change: told.append((change.name, change.old, change.new)), list(names))
    player.observe(lambda change: threads.add(threading.current_thread()), list(names))
    return told

def becomes(reached):
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)

async def becomes_between_cells(reached):
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)

threads = set()
"""


class Notebook:
    """A kernel with a session and a page of its own."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        kernel.run(WATCH + "tts = cnb.connect()")
        self.speaker = kernel.run("print(speaker.comm.comm_id)").strip()
        self.subshell = kernel.subshell()

    def fresh(self, text: str = "Hear me out.") -> str:
        """A finished take ``t`` and its player ``p``; the take's id."""
        code = f"t = tts.say({text!r}, play=False).wait(30)\np = cnb.Player(t)\nprint(t.id)"
        return self.run(code).split()[-1]

    def run(self, code: str) -> str:
        return self.kernel.run(code)

    def report(self, take: str, page: str = "page", **said: object) -> None:
        """Report as a page does, also while a cell runs."""
        report = {"type": "heard", "page": page, "sent": 0, "take": take, "ended": False, **said}
        self.kernel.send_to_widget(self.speaker, report, self.subshell)

    def commands(self, take: str, count: int) -> list[Message]:
        """The first commands on a take that reach the page."""

        def found() -> list[Message]:
            sent = [message for message, _ in self.kernel.to_page()]
            return [each for each in sent if each["type"] == "command" and each["take"] == take]

        self.kernel.until(lambda _: len(found()) >= count)
        return found()


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    with kernel(CARTESIA_API_KEY="") as running:
        yield Notebook(running)


@pytest.fixture
def refused(notebook: Notebook) -> Callable[[str], str]:
    def refused(statement: str) -> str:
        return notebook.run(
            f"try:\n    {statement}\nexcept cnb.SettingsError as error:\n    print(error)"
        )

    return refused


def test_what_is_called_reaches_the_page_in_its_order(notebook: Notebook) -> None:
    take = notebook.fresh()
    notebook.run("p.play()\np.pause()\np.seek(0.25)\np.position = 0.5\np.playing = True\np.stop()")
    sent = [(each["command"], each["position"]) for each in notebook.commands(take, 6)]
    assert sent == [
        ("play", None),
        ("pause", None),
        ("seek", 0.25),
        ("seek", 0.5),
        ("play", None),
        ("stop", None),
    ]


def test_a_seek_beyond_the_end_goes_to_the_end(notebook: Notebook) -> None:
    take = notebook.fresh()
    length = float(notebook.run("p.seek(1e308)\np.seek(float('inf'))\nprint(t.duration)"))
    assert [each["position"] for each in notebook.commands(take, 2)] == [length, length]


@pytest.mark.parametrize("where", ["-0.1", "float('nan')", "'1'", "None", "True", "10**400"])
def test_a_place_that_is_none_is_refused(
    notebook: Notebook, refused: Callable[[str], str], where: str
) -> None:
    notebook.fresh()
    assert "must be a number of seconds" in refused(f"p.seek({where})")
    assert "must be a number of seconds" in refused(f"p.position = {where}")


def test_what_a_page_reports_is_read_and_observed(notebook: Notebook) -> None:
    take = notebook.fresh()
    said = notebook.run(
        "told = watch(p, 'position', 'playing', 'state')\nprint(p.position, p.playing, p.state)"
    )
    assert said.split() == ["0.0", "False", "idle"]
    notebook.report(take, position=0.5, playing=True)
    said = notebook.run(
        "await becomes_between_cells(lambda: told)\nprint(p.position, p.playing, p.state)"
    )
    assert said.split() == ["0.5", "True", "playing"]
    notebook.report(take, position=0.75, playing=False, ended=True)
    said = notebook.run("await becomes_between_cells(lambda: len(told) == 6)\nprint(told)")
    assert said.strip() == str(
        [
            ("position", 0.0, 0.5),
            ("playing", False, True),
            ("state", "idle", "playing"),
            ("position", 0.5, 0.75),
            ("playing", True, False),
            ("state", "playing", "ended"),
        ]
    )


def test_reading_is_right_while_a_cell_runs_and_observers_are_told_after_it(
    notebook: Notebook,
) -> None:
    take = notebook.fresh()
    request = notebook.kernel.start(
        "told = watch(p, 'position')\nprint('running')\n"
        "becomes(lambda: p.position == 0.5)\nprint(told)"
    )
    notebook.kernel.printed(request, "running")
    notebook.report(take, position=0.25, playing=True)
    notebook.report(take, position=0.5, playing=True)
    outcome = notebook.kernel.finish(request)
    assert outcome.error == ""
    assert outcome.output.split() == ["running", "[]"]
    assert notebook.run("await becomes_between_cells(lambda: told)\nprint(told)").strip() == str(
        [("position", 0.0, 0.5)]
    )


def test_observers_are_called_in_the_main_thread_alone(notebook: Notebook) -> None:
    take = notebook.fresh()
    notebook.run("threads.clear()\ntold = watch(p, 'position')")
    notebook.report(take, position=0.5, playing=True)
    said = notebook.run(
        "await becomes_between_cells(lambda: told)\nprint([each.name for each in threads])"
    )
    assert said.strip() == "['MainThread']"


def test_an_observer_that_fails_keeps_no_other_from_the_news(notebook: Notebook) -> None:
    take = notebook.fresh()
    notebook.run("p.observe(lambda change: 1 / 0, 'position')\ntold = watch(p, 'playing')")
    notebook.report(take, position=0.5, playing=True)
    notebook.run("await becomes_between_cells(lambda: told)")


def test_an_assignment_changes_nothing_before_a_page_has_done_it(notebook: Notebook) -> None:
    """Two pages may be open, and a page may refuse: only reports are believed."""
    take = notebook.fresh()
    said = notebook.run("p.position = 0.5\np.playing = True\nprint(p.position, p.playing)")
    assert said.split() == ["0.0", "False"]
    notebook.commands(take, 2)


def test_no_report_is_sent_on_to_another_page(notebook: Notebook) -> None:
    take = notebook.fresh()
    notebook.run("told = watch(p, 'position')")
    notebook.report(take, page="one", position=0.5, playing=True)
    notebook.run("await becomes_between_cells(lambda: told)")
    assert notebook.run("print(set(p.keys) & {'position', 'playing', 'state'})").strip() == "set()"
    notebook.run("p.pause()")
    assert [each["command"] for each in notebook.commands(take, 1)] == ["pause"]
    model = notebook.run("print(p.comm.comm_id)").strip()
    updates = [
        message["content"]["data"]
        for message in notebook.kernel.messages
        if message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == model
    ]
    assert updates == []


def test_the_volume_is_the_speakers(notebook: Notebook, refused: Callable[[str], str]) -> None:
    notebook.fresh()
    notebook.run("told = watch(p, 'volume')\np.volume = 0.25")
    assert notebook.run("print(speaker.volume, p.volume)").split() == ["0.25", "0.25"]
    notebook.run("speaker.volume = 1.0\nawait becomes_between_cells(lambda: told)")
    assert notebook.run("print(told[-1][2], p.volume)").split() == ["1.0", "1.0"]
    for wrong in ("-0.1", "1.1", "float('nan')", "'loud'"):
        assert "0.0 to 1.0" in refused(f"p.volume = {wrong}")


def test_the_rest_cannot_be_assigned_and_says_what_to_do(
    notebook: Notebook, refused: Callable[[str], str]
) -> None:
    notebook.fresh()
    assert "Call play(), pause() or stop()" in refused("p.state = 'playing'")
    assert "True or False" in refused("p.playing = 'yes'")


def test_stop_ends_what_is_still_generated(notebook: Notebook) -> None:
    said = notebook.run(
        "def endless():\n    while True:\n        yield 'On and on. '\n"
        "t = tts.say(endless(), play=False)\nnext(iter(t))\n"
        "cnb.Player(t).stop()\nprint(t.wait(20).state)"
    )
    assert said.strip() == "cancelled"


def test_a_player_made_after_the_sound_knows_that_it_was_heard(notebook: Notebook) -> None:
    take = notebook.fresh()
    notebook.report(take, position=0.75, playing=False, ended=True)
    said = notebook.run(
        "becomes(lambda: t._recording.heard_whole)\nq = cnb.Player(t)\nprint(q.state, q.position)"
    )
    assert said.split() == ["ended", "0.75"]


def test_a_closed_player_is_told_nothing_more(notebook: Notebook) -> None:
    take = notebook.fresh()
    notebook.run("q = cnb.Player(t)\ntold = watch(p, 'position')\nother = watch(q, 'position')")
    notebook.run("p.close()")
    notebook.report(take, position=0.5, playing=True)
    assert notebook.run("await becomes_between_cells(lambda: other)\nprint(told)").strip() == "[]"


def test_all_parts_are_shown_in_a_notebooks_size_unless_said(notebook: Notebook) -> None:
    notebook.fresh()
    said = notebook.run("print(p.show, p.size, {'show', 'size'} <= set(p.keys))")
    assert said.strip() == "('wave', 'spectrogram', 'words', 'latency') 1.0 True"


def test_parts_are_kept_in_their_order_and_reach_the_page_when_assigned(notebook: Notebook) -> None:
    notebook.fresh()
    said = notebook.run(
        "q = cnb.Player(t, show=['words', 'wave', 'words'], size=2)\nprint(q.show, q.size)\n"
        "q.show = ()\nq.size = 0.75\nprint(q.show, q.comm.comm_id)"
    )
    first, second = said.strip().splitlines()
    assert first == "('wave', 'words') 2.0"
    model = second.removeprefix("() ")
    updates = [
        message["content"]["data"]["state"]
        for message in notebook.kernel.messages
        if message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == model
    ]
    assert updates == [{"show": []}, {"size": 0.75}]


@pytest.mark.parametrize("show", ["'wave'", "['wave', 'sound']", "[3]", "None", "7"])
def test_a_part_that_is_none_is_refused(
    notebook: Notebook, refused: Callable[[str], str], show: str
) -> None:
    notebook.fresh()
    for statement in (f"cnb.Player(t, show={show})", f"p.show = {show}"):
        assert "some of 'wave', 'spectrogram', 'words', 'latency'" in refused(statement)


@pytest.mark.parametrize("size", ["0.7", "3.1", "'large'", "True", "float('nan')", "10**400"])
def test_a_size_out_of_range_is_refused(
    notebook: Notebook, refused: Callable[[str], str], size: str
) -> None:
    notebook.fresh()
    for statement in (f"cnb.Player(t, size={size})", f"p.size = {size}"):
        assert "a number from 0.75 to 3.0" in refused(statement)
