"""In a blind test nothing that would tell the answer leaves the kernel before it is given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notebook.kernel import Kernel, kernel
from tests.tuning.page import PRELUDE, Page, everything

TRIALS = 6

TAKES = """
from cartesia_nb.speech.backend import server
text = "one two three"
for name, rate, seconds, level, starts in (
    ("quicksilver", 16000, 1.0, 0.2, (0.1, 0.4, 0.7)),
    ("molasses", 24000, 1.6, 0.05, (0.15, 0.7, 1.2)),
):
    take = take_of(
        tone(seconds, rate, level), text, spoken(text, starts), sample_rate=rate,
        voice=f"voice-of-{name}", model_id=f"model-of-{name}", pronunciation_dict_id=f"d-{name}",
        language="de" if name == "molasses" else "fr",
        speed=1.3137 if name == "molasses" else 0.7193,
    )
    take._recording.id = f"id-of-{name}"
    take._recording.backend = server(f"https://{name}.example")
    take.save(FOLDER / f"file-of-{name}")
takes = {
    f"label-of-{name}": cnb.Take.load(FOLDER / f"file-of-{name}.json")
    for name in ("quicksilver", "molasses")
}
"""

SECRETS = ("quicksilver", "molasses", "1.3137", "0.7193", '"de"', '"fr"', "16000")


@pytest.fixture(scope="module")
def running() -> Iterator[Kernel]:
    with kernel(CARTESIA_API_KEY="") as running:
        running.run(PRELUDE)
        yield running


def told(kernel: Kernel) -> set[str]:
    whole = everything(kernel)
    return {secret for secret in SECRETS if secret in whole}


@pytest.mark.parametrize("kind", ["ab", "abx"])
def test_no_message_of_a_whole_test_tells_what_is_which(
    running: Kernel, tmp_path: Path, kind: str
) -> None:
    script = tmp_path / "takes.py"
    script.write_text(f"FOLDER = Path({str(tmp_path)!r})\n" + TAKES)
    running.messages.clear()
    # A cell's own text is sent to the page too: what is secret stands in a file.
    running.run(f"exec(open({str(script)!r}).read())")
    file = tmp_path / "answers.jsonl"
    running.run(
        f"test = blind_test(takes, {kind!r}, trials={TRIALS}, file={str(file)!r})\n"
        "widget = test.widget"
    )
    shown = running.run("test")
    assert shown == f"<BlindTest {kind}: 0 of {TRIALS} trials answered>"
    page = Page(running, "widget", running.subshell())
    ids: list[str] = []
    sounds: list[bytes] = []
    for number in range(1, TRIALS + 1):
        traits = page.until_trial(number)
        takes = [stimulus["take"] for stimulus in traits["stimuli"]]
        assert [stimulus["name"] for stimulus in traits["stimuli"]] == list("ABX")[: len(takes)]
        assert len(takes) == (2 if kind == "ab" else 3)
        heard = page.pull(takes)
        assert len(set(map(len, heard))) == 1, "nor do their lengths"
        assert len({tuple(row) for row in traits["places"]}) == len(takes)
        ids += takes
        sounds += heard
        # What a cell shows of it, what a saved notebook keeps of it, what a slip would print.
        running.run("print(repr(test), str(test), test._repr_mimebundle_(), widget)")
        running.run("print({**widget.get_state(), '_esm': None})")
        assert told(running) == set(), f"before trial {number} is answered"
        assert traits["results"] == []
        page.answer(number, "A", seconds=1.5, switches=2, heard=[1.0] * len(takes))
    running.until(lambda _: page.traits["phase"] == "done")
    assert len(set(ids)) == len(ids), "no id comes again"
    assert len(set(sounds)) == len(sounds), "nor does any sound, X's neither A's nor B's"
    assert page.traits["stimuli"] == []
    lines = page.traits["results"]
    assert "label-of-quicksilver and label-of-molasses" in lines[0]
    running.run("assert test.done and len(test.records) == 6")


def test_in_python_the_answers_given_are_there_at_once_and_no_others(
    running: Kernel, tmp_path: Path
) -> None:
    script = tmp_path / "takes.py"
    script.write_text(f"FOLDER = Path({str(tmp_path)!r})\n" + TAKES)
    running.run(f"exec(open({str(script)!r}).read())")
    running.run("test = blind_test(takes, 'abx', trials=4)\nprint(test.records, test.results())")
    page = Page(running, "test.widget")
    page.until_trial(1)
    page.answer(1, "B")
    page.until_trial(2)
    said = running.run("print(len(test.records), test.records[0]['trial'], test.results()[0].n)")
    assert said.split() == ["1", "1", "1"]
    assert "label-of" not in str(page.traits), "the page is not told before the end"
    later = running.run("print(test.results())")
    assert "3 trials are left" in later
