"""A blind test in a real kernel whose page is played by the test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.notebook.kernel import Kernel, kernel
from tests.tuning.page import PRELUDE, Page

TAKES = """
import cartesia_nb.plots
text = "one two three"
a = take_of(tone(1.0, level=0.2), text, spoken(text, (0.1, 0.4, 0.7)), speed=0.8)
b = take_of(tone(1.4, level=0.05), text, spoken(text, (0.2, 0.6, 1.0)), speed=1.2)
pair = {"slow": a, "quick": b}
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Kernel]:
    with kernel(CARTESIA_API_KEY="") as running:
        running.run(PRELUDE + TAKES)
        yield running


@pytest.fixture(scope="module")
def subshell(running: Kernel) -> str:
    return running.subshell()


@pytest.fixture
def refused(running: Kernel) -> Callable[[str], str]:
    def refused(expression: str) -> str:
        return running.run(
            f"try:\n    {expression}\n    print('taken')\n"
            "except cnb.CartesiaNbError as error:\n    print(error)"
        )

    return refused


def begin(running: Kernel, arguments: str, subshell: str | None = None) -> Page:
    running.messages.clear()
    running.run(f"test = blind_test({arguments})")
    page = Page(running, "test.widget", subshell)
    page.until_trial(1)
    return page


def test_a_trial_is_shown_asked_and_followed_by_the_next(running: Kernel) -> None:
    page = begin(running, "pair, 'abx', trials=2")
    first = page.traits
    assert (first["mode"], first["phase"], first["trials"]) == ("abx", "asking", 2)
    assert first["choices"] == ["A", "B"]
    assert "X is one of the two" in first["question"]
    assert [word for word, _ in first["words"]] == ["one", "two", "three"]
    assert first["note"].startswith("Loudness matched to -")
    assert "What was right is told at the end." in first["note"]
    page.answer(1, "B", seconds=3.25, switches=4, heard=[1.0, 2.0, 3.0])
    second = page.until_trial(2)
    assert {each["take"] for each in first["stimuli"]}.isdisjoint(
        each["take"] for each in second["stimuli"]
    )
    page.answer(2, "A")
    running.until(lambda _: page.traits["phase"] == "done")
    assert (page.traits["trial"], page.traits["stimuli"]) == (0, [])
    assert "X was named rightly" in page.traits["results"][0]
    said = running.run("print(test.done, test.records[0]['seconds'], test.records[0]['switches'])")
    assert said.split() == ["True", "3.25", "4"]
    assert running.run("print(test.results())") == "\n".join(page.traits["results"]) + "\n"


def test_answers_of_two_tabs_or_twice_or_of_nothing_count_once(running: Kernel) -> None:
    page = begin(running, "pair, trials=3")
    page.tell(page.widget, {"type": "answer"})
    page.tell(page.widget, {"type": "else", "trial": 1, "choice": "A"})
    page.answer(1, "C")
    page.answer(2, "A")
    page.answer(1, "A")
    page.answer(1, "B")
    page.until_trial(2)
    said = running.run("print(len(test.records), test.widget.trial)")
    assert said.split() == ["1", "2"]


def test_a_trials_sounds_are_let_go_of_when_it_is_answered(running: Kernel) -> None:
    page = begin(running, "pair, trials=3")
    (one, two) = (each["take"] for each in page.traits["stimuli"])
    assert page.pull([one, two])[0]
    running.run("old = [weakref.ref(each) for each in test._held.recordings]")
    page.answer(1, "A")
    page.until_trial(2)
    assert running.run("gc.collect()\nprint([each() for each in old])").strip() == "[None, None]"
    page.pull([one])
    running.until(lambda _: "gone" in page.ends(one))


def test_what_a_page_sees_is_set_in_the_main_thread_alone(running: Kernel, subshell: str) -> None:
    page = begin(running, "pair, trials=3", subshell)
    running.run(
        "threads = set()\n"
        "test.widget.observe(lambda change: threads.add(threading.current_thread().name))"
    )
    page.answer(1, "A")
    page.until_trial(2)
    assert running.run("print(threads)").strip() == "{'MainThread'}"


def test_while_a_cell_runs_an_answer_is_taken_and_the_next_trial_comes_after_it(
    running: Kernel, subshell: str
) -> None:
    page = begin(running, "pair, trials=3", subshell)
    request = running.start(
        "end = time.monotonic() + 20\nprint('running')\n"
        "while not test.records and time.monotonic() < end: time.sleep(0.01)\n"
        "print(len(test.records), test.widget.trial)"
    )
    running.printed(request, "running")
    page.answer(1, "A")
    assert running.finish(request).output.split() == ["running", "1", "1"]
    page.until_trial(2)


@pytest.mark.parametrize("code", ["test.wait(20)", "await test"])
def test_waiting_in_a_cell_goes_on_to_the_last_answer_and_gives_the_results(
    running: Kernel, subshell: str, code: str
) -> None:
    page = begin(running, "pair, trials=3", subshell)
    request = running.start(f"print('waiting')\nprint({code})\nprint(len(test.records))")
    running.printed(request, "waiting")
    for number in (1, 2, 3):
        page.until_trial(number)
        page.answer(number, "A")
    said = running.finish(request).output.splitlines()
    assert said[1].startswith("slow and quick: slow was preferred in ")
    assert said[-1] == "3"


@pytest.mark.parametrize("code", ["test.wait()", "await test"])
def test_an_interrupt_stops_the_waiting_and_nothing_else(
    running: Kernel, subshell: str, code: str
) -> None:
    page = begin(running, "pair, trials=3", subshell)
    request = running.start(f"print('waiting')\n{code}")
    running.printed(request, "waiting")
    running.interrupt()
    assert running.finish(request).error in ("KeyboardInterrupt", "CancelledError")
    page.answer(1, "A")
    page.until_trial(2)


def test_a_wait_that_is_too_long_says_how_far_it_came(running: Kernel) -> None:
    page = begin(running, "pair, trials=3")
    page.answer(1, "A")
    page.until_trial(2)
    said = running.run("try:\n    test.wait(0)\nexcept cnb.WaitTimeout as error:\n    print(error)")
    assert said.startswith("1 of 3 trials were answered within 0 s; the test goes on.")


def test_a_trial_stays_as_it_is_while_somebody_waits(running: Kernel) -> None:
    page = begin(running, "pair, trials=3")
    before = page.traits["stimuli"]
    running.run("try:\n    test.wait(0.3)\nexcept cnb.WaitTimeout: pass")
    assert page.traits["stimuli"] == before


def test_with_a_file_it_goes_on_in_another_kernel(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    with kernel(CARTESIA_API_KEY="") as running:
        running.run(PRELUDE + TAKES)
        page = begin(running, f"pair, 'abx', file={str(file)!r}")
        for number in range(1, 6):
            page.until_trial(number)
            page.answer(number, "A")
        page.until_trial(6)
        running.restart()
        running.run(PRELUDE + TAKES)
        running.messages.clear()
        shown = running.run(f"test = blind_test(pair, 'abx', file={str(file)!r})\ntest")
        assert shown == "<BlindTest abx: 5 of 16 trials answered>"
        page = Page(running, "test.widget")
        for number in range(6, 17):
            page.until_trial(number)
            page.answer(number, "B")
        running.until(lambda _: page.traits["phase"] == "done")
        # Done, it stays done.
        done = running.run(f"again = blind_test(pair, 'abx', file={str(file)!r})\nagain")
        assert done == "<BlindTest abx: 16 of 16 trials answered>"
        assert Page(running, "again.widget").traits["phase"] == "done"
    records = [json.loads(line) for line in file.read_text().splitlines()][1:]
    assert [record["trial"] for record in records] == list(range(1, 17))
    assert sum(record["shown_first"] == "slow" for record in records) == 8


def test_on_a_full_disk_the_page_is_told_and_no_answer_is_lost(
    running: Kernel, tmp_path: Path
) -> None:
    file = tmp_path / "answers.jsonl"
    page = begin(running, f"pair, trials=3, file={str(file)!r}")
    running.run(
        "import resource\n"
        f"soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({file.stat().st_size}, hard))"
    )
    page.answer(1, "A")
    traits = page.until_trial(2)
    running.run("resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))")
    assert "1 answer is not in answers.jsonl: File too large." in traits["note"]
    page.answer(2, "A")
    assert "answers.jsonl" not in page.until_trial(3)["note"]
    assert len(file.read_text().splitlines()) == 3


def test_results_are_drawn_at_any_time(running: Kernel) -> None:
    page = begin(running, "pair, trials=3")
    assert "no answers" in running.run("print(cnb.plots.alt_text(test.plot()))")
    page.answer(1, "A")
    page.until_trial(2)
    assert "of 1 answer, " in running.run("print(cnb.plots.alt_text(test.plot()))")


def test_several_pairs_and_texts_are_each_compared(running: Kernel) -> None:
    page = begin(running, "{'slow': [a, b], 'quick': [b, a], 'same': [a, a]}")
    assert page.traits["trials"] == 24
    scores = running.run("print([(s.a, s.b, s.text_number) for s in test.results()])")
    assert scores.count("None") == 3
    assert scores.count("'same'") == 6


def test_what_is_to_be_known_of_the_takes_is_noted_without_their_names(running: Kernel) -> None:
    page = begin(
        running,
        "{'brief': take_of(tone(0.3), 'x'), 'deep': take_of(tone(1, 16000), sample_rate=16000)}",
    )
    note = page.traits["note"]
    assert "cannot match 1 of 2 takes: shorter than 0.4 s." in note
    assert "All are brought to one sample rate." in note
    assert "In some trials the two do not say the same" in note
    assert "switching goes to the same share" in note
    assert "brief" not in note
    assert "deep" not in note


def test_a_test_that_was_closed_lets_go_of_its_sounds_and_keeps_its_answers(
    running: Kernel,
) -> None:
    page = begin(running, "pair, trials=3")
    page.answer(1, "A")
    page.until_trial(2)
    running.run("old = [weakref.ref(each) for each in test._held.recordings]\ntest.close()")
    said = running.run("gc.collect()\nprint([each() for each in old], len(test.records))")
    assert said.strip() == "[None, None] 1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("[a]", "give two or more takes"),
        ("pair, 'xyz'", "kind is 'xyz'; it is 'ab'"),
        ("pair, trials=0", "trials is 0; it must be from 1 to 10,000"),
        ("pair, trials=-3", "trials is -3; it must be from 1 to 10,000"),
        ("pair, trials=2.5", "trials is 2.5; it must be a whole number"),
        ("pair, trials=True", "trials is True; it must be a whole number"),
        ("{'a': [a, b], 'b': [b]}", "the n-th takes of each belong together, but a has 2, b has 1"),
        ("pair, file='/nowhere/t.jsonl'", "/nowhere/t.jsonl can't be written"),
        ("pair, file='/'", "/ can't be read: Is a directory"),
    ],
)
def test_what_makes_no_sense_is_refused(
    refused: Callable[[str], str], arguments: str, said: str
) -> None:
    assert said in refused(f"blind_test({arguments})")


def test_another_tests_file_is_refused(
    running: Kernel, refused: Callable[[str], str], tmp_path: Path
) -> None:
    file = str(tmp_path / "answers.jsonl")
    begin(running, f"pair, trials=3, file={file!r}")
    assert "its kind was 'ab', not 'abx'" in refused(f"blind_test(pair, 'abx', file={file!r})")
    assert "would make p too small" in refused(f"blind_test(pair, trials=4, file={file!r})")
    assert refused(f"blind_test(pair, file={file!r})").strip() == "taken"
