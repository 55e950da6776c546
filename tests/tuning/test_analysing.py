"""Figures of saved takes through executors, and what becomes of them where those fail."""

from __future__ import annotations

import asyncio
import gc
import math
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import SettingsError
from cartesia_nb.notebook.session import connect
from cartesia_nb.speech import loops
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning.analysing import Analysis, Measures, checked, columns, figures
from cartesia_nb.tuning.realised import realised_of
from tests.notebook.kernel import kernel
from tests.tuning import measuring
from tests.tuning.measuring import letters, peak

TEXTS = ("First of all.", "Second to none.", "Third time lucky.", "Fourth and last.")
WAIT_S = 45.0


@pytest.fixture(scope="module")
def paths(engine: EngineProcess, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("takes")
    with connect(api_key=engine.api_key, base_url=engine.url) as session:
        return [
            str(session.say(text, add_timestamps=True).wait().save(folder / str(number)))
            for number, text in enumerate(TEXTS)
        ]


def analysed(
    paths: list[str], measure: Measures | None, executor: Executor | None = None
) -> tuple[dict[int, dict[str, Any]], Analysis]:
    """The figures of all by their numbers, and the analysis that found them."""
    found: dict[int, dict[str, Any]] = {}
    analysis = Analysis(executor, measure, found.__setitem__)
    for number, path in enumerate(paths):
        analysis.submit(number, path)
    assert analysis.finish(WAIT_S)
    assert sorted(found) == list(range(len(paths)))
    return found, analysis


@contextmanager
def pool(kind: str) -> Iterator[Executor | None]:
    if kind == "thread of its own":
        yield None
    elif kind == "threads":
        with ThreadPoolExecutor(2) as threads:
            yield threads
    else:
        with ProcessPoolExecutor(2, multiprocessing.get_context(kind)) as processes:
            yield processes


def test_the_figures_are_metrics_realised_and_measures_in_plain_values(paths: list[str]) -> None:
    take = Take.load(paths[0])
    found = figures(paths[0], {"peak": peak, "letters": letters})
    assert tuple(found) == columns(("peak", "letters"))
    assert found == {
        **take.metrics.to_dict(),
        **realised_of(take).to_dict(),
        "peak": pytest.approx(float(np.abs(take.samples).max())),
        "letters": len(TEXTS[0]),
        "measure_error": None,
    }
    assert {type(value) for value in found.values()} <= {str, int, float, bool, type(None)}


@pytest.mark.parametrize("kind", ["thread of its own", "threads", "fork", "spawn", "forkserver"])
def test_every_executor_finds_the_same(kind: str, paths: list[str]) -> None:
    wanted = {number: figures(path, {"peak": peak}) for number, path in enumerate(paths)}
    with pool(kind) as executor:
        found, analysis = analysed(paths, {"peak": peak}, executor)
    assert found == wanted
    assert analysis.trouble is None
    assert analysis.pending == 0


def test_importing_it_in_a_process_of_a_pool_starts_nothing(paths: list[str]) -> None:
    with pool("spawn") as executor:
        found, _ = analysed(paths[:1], {"started": measuring.started_here}, executor)
    assert found[0]["started"] == ""


@pytest.mark.parametrize(
    ("given", "kept", "said"),
    [
        (np.float32(0.5), 0.5, None),
        (np.int64(3), 3, None),
        (np.array(2.0), 2.0, None),
        (np.bool_(True), True, None),
        (np.str_("bright"), "bright", None),
        (None, None, None),
        (math.nan, None, "gave nan; return None"),
        (np.float64("inf"), None, "gave inf; return None"),
        ({"a": 1}, None, "gave a value of type dict"),
        ([1], None, "gave a value of type list"),
        (np.zeros(2), None, "gave a value of type ndarray"),
        (1j, None, "gave a value of type complex"),
        (object(), None, "gave a value of type object"),
    ],
)
def test_what_a_measure_gives_is_a_plain_value_or_refused_in_a_sentence(
    given: object, kept: object, said: str | None, paths: list[str]
) -> None:
    found = figures(paths[0], {"mine": lambda take: given})
    assert found["mine"] == kept and type(found["mine"]) is type(kept)
    if said is None:
        assert found["measure_error"] is None
    else:
        assert str(found["measure_error"]).startswith(f"The measure 'mine' {said}")


@pytest.mark.parametrize("leave", [measuring.raises, lambda take: exit("no more")])
def test_a_measure_that_raises_costs_its_own_column_alone(
    leave: Callable[[Take], object], paths: list[str]
) -> None:
    found = figures(paths[0], {"mine": leave, "peak": peak})
    assert found["mine"] is None
    assert found["peak"] is not None and found["duration"] is not None
    assert str(found["measure_error"]).startswith("The measure 'mine' raised ")


def test_a_take_that_is_not_there_is_a_row_with_the_reason(tmp_path: Path) -> None:
    found = figures(str(tmp_path / "none"), {"peak": peak})
    assert tuple(found) == columns(("peak",))
    assert "can't be read" in str(found.pop("measure_error"))
    assert set(found.values()) == {None}


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        ({"ttfb": peak}, "'ttfb' has the name of a column"),
        ({"loudness": peak}, "'loudness' has the name of a column"),
        ({"measure_error": peak}, "'measure_error' has the name of a column"),
        ({"speed": peak}, "'speed' has the name of a column"),
        ({"": peak}, "is called ''"),
        ({3: peak}, "is called 3"),
        ({"mine": 3}, "'mine' is a value of type int"),
        (peak, "measure is a value of type function"),
        (["mine"], "measure is a value of type list"),
    ],
)
def test_measures_that_can_be_no_columns_are_refused_at_once(measure: Any, said: str) -> None:
    with pytest.raises(SettingsError, match=said.replace("(", r"\(")):
        checked(measure, ("speed",))


def test_what_is_no_executor_is_refused_at_once() -> None:
    not_one: Any = 4
    with pytest.raises(SettingsError, match="executor is of type int"):
        Analysis(not_one, None, lambda number, found: None)


def test_a_lambda_is_not_sent_to_processes_and_the_rest_of_the_row_is_there(
    paths: list[str],
) -> None:
    with pool("fork") as executor:
        found, analysis = analysed(paths, {"mine": lambda take: 1, "peak": peak}, executor)
    for row in found.values():
        assert row["mine"] is None and row["peak"] is not None
        assert row["measure_error"].startswith("The measure 'mine' can't be sent to another proc")
        assert row["measure_error"].endswith(
            "Write it as a def in a module (a .py file), or leave the executor out."
        )
    assert analysis.trouble is None


def test_a_measure_unknown_in_the_processes_does_not_end_them(paths: list[str]) -> None:
    with pool("fork") as executor:
        found, analysis = analysed(paths, {"mine": measuring.OnlyHere(), "peak": peak}, executor)
    for row in found.values():
        assert row["mine"] is None and row["peak"] is not None
        assert "is unknown in the executor's process" in row["measure_error"]
    assert analysis.trouble is None


def test_a_take_that_kills_its_process_is_named_and_the_others_are_measured(
    paths: list[str],
) -> None:
    measure = {"fatal": measuring.ends_its_process_at_second, "peak": peak}
    with pool("fork") as executor:
        found, analysis = analysed(paths, measure, executor)
    assert analysis.trouble is not None and "The executor broke" in analysis.trouble
    for number, row in found.items():
        assert row["duration"] is not None
        if number == 1:
            assert row["fatal"] is None
            assert row["measure_error"].startswith("The process that measured it died")
        else:
            assert (row["fatal"], row["measure_error"]) == (1, None)


def test_a_measure_that_kills_every_process_is_given_up_and_never_run_in_the_kernel(
    paths: list[str],
) -> None:
    measure = {"fatal": measuring.ends_its_process}
    with pool("fork") as executor:
        found, _ = analysed(paths, measure, executor)
    errors = [row["measure_error"] for row in found.values()]
    assert sum("The process that measured it died" in error for error in errors) == 3
    assert sum("has died" in error and error.startswith("Not measured") for error in errors) == 1
    assert all(row["duration"] is not None for row in found.values())


@pytest.mark.parametrize("kind", ["threads", "fork"])
def test_an_executor_that_is_shut_down_is_replaced(kind: str, paths: list[str]) -> None:
    with pool(kind) as executor:
        pass
    found, analysis = analysed(paths, {"peak": peak}, executor)
    assert all(row["peak"] is not None for row in found.values())
    assert analysis.trouble is not None and "a thread of our own" in analysis.trouble


def test_what_an_executor_cancels_is_done_all_the_same(paths: list[str]) -> None:
    executor = ThreadPoolExecutor(1)
    first = threading.Event()

    def shut_down(take: Take) -> object:
        if not first.is_set():
            first.set()
            executor.shutdown(wait=False, cancel_futures=True)
        return 1

    found, analysis = analysed(paths, {"mine": shut_down}, executor)
    assert all(row["mine"] == 1 for row in found.values())
    assert analysis.trouble is not None


def test_what_an_executor_could_not_do_is_tried_again_by_itself_and_else_told(
    paths: list[str],
) -> None:
    class Blames(ThreadPoolExecutor):
        """Fails the first two, as a cluster that loses a worker; and always the one that did it."""

        there = 0

        # Any: as in the base class.
        def submit(self, call: Any, path: str, *rest: Any) -> Any:  # type: ignore[override]  # one use
            def failing() -> object:
                raise RuntimeError("a worker was lost")

            self.there += 1
            if self.there <= 2 or path == paths[1]:
                return super().submit(failing)
            return super().submit(call, path, *rest)

    with Blames(1) as executor:
        found, analysis = analysed(paths, {"peak": peak}, executor)
    assert analysis.trouble is None
    for number, row in found.items():
        assert (row["peak"] is None) == (number == 1)
        assert row["duration"] is not None
    assert "could not measure it (RuntimeError: a worker was lost)" in found[1]["measure_error"]


class Counted(ThreadPoolExecutor):
    """How many calls were there at once, at most."""

    def __init__(self) -> None:
        super().__init__(2)
        self.there = self.most = 0
        self.lock = threading.Lock()

    # Any: as in the base class.
    def submit(self, *args: Any, **kwargs: Any) -> Any:
        with self.lock:
            self.there += 1
            self.most = max(self.most, self.there)
        future = super().submit(*args, **kwargs)
        future.add_done_callback(self._gone)
        return future

    def _gone(self, future: object) -> None:
        with self.lock:
            self.there -= 1


def test_few_are_under_way_however_many_wait_and_no_take_is_kept(paths: list[str]) -> None:
    with Counted() as executor:
        found, _ = analysed(paths * 25, {"peak": peak}, executor)
    assert executor.most == 4
    gc.collect()
    assert not [each for each in gc.get_objects() if type(each) is Take and each.text in TEXTS]
    assert len(found) == 100


def test_stopping_leaves_out_what_is_not_begun(paths: list[str]) -> None:
    begun, go = threading.Event(), threading.Event()

    def held(take: Take) -> object:
        begun.set()
        return go.wait(WAIT_S)

    for executor in (None, ThreadPoolExecutor(1)):
        begun.clear()
        go.clear()
        found: dict[int, object] = {}
        analysis = Analysis(executor, {"held": held}, found.__setitem__)
        for number, path in enumerate(paths):
            analysis.submit(number, path)
        assert begun.wait(WAIT_S)
        assert not analysis.finish(0.0)
        analysis.stop()
        go.set()
        assert analysis.finish(WAIT_S)
        assert list(found) == [0]
        assert analysis.trouble is None
        analysis.submit(7, paths[0])
        assert analysis.finish(WAIT_S)
        assert list(found) == [0, 7]


def test_who_fails_to_take_a_row_does_not_keep_the_others_from_theirs(paths: list[str]) -> None:
    told: list[int] = []

    def done(number: int, found: dict[str, object]) -> None:
        told.append(number)
        if number == 0:
            raise OSError("the disk is full")

    analysis = Analysis(None, None, done)
    for number, path in enumerate(paths):
        analysis.submit(number, path)
    assert analysis.finish(WAIT_S)
    assert told == [0, 1, 2, 3]


def test_waiting_on_the_network_loop_is_refused() -> None:
    analysis = Analysis(None, None, lambda number, found: None)

    async def waits() -> None:
        analysis.finish()

    with pytest.raises(RuntimeError, match="network loop"):
        asyncio.run_coroutine_threadsafe(waits(), loops.network_loop()).result(WAIT_S)


def test_the_stop_button_ends_the_wait_and_no_take_is_lost(paths: list[str]) -> None:
    # It interrupts the processes of a pool as well, which end of it or break off a take.
    code = f"""
from concurrent.futures import ProcessPoolExecutor
from cartesia_nb.tuning.analysing import Analysis
from tests.tuning.measuring import slow
found = {{}}
analysis = Analysis(ProcessPoolExecutor(2), {{"slow": slow}}, found.__setitem__)
for number, path in enumerate({paths!r} * 4):
    analysis.submit(number, path)
while not found:
    analysis.finish(0.01)
print("under way")
analysis.finish()
"""
    with kernel() as started:
        request = started.start(code)
        started.printed(request, "under way")
        started.interrupt()
        assert started.finish(request).error == "KeyboardInterrupt"
        said = started.run(
            f"print(analysis.finish({WAIT_S}), sorted(found) == list(range(16)),"
            " {row['slow'] for row in found.values()},"
            " {row['measure_error'] for row in found.values()})"
        )
    assert said.splitlines()[-1] == "True True {1} {None}"


def test_a_path_means_the_same_wherever_one_works_later(
    paths: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(Path(paths[0]).parent)
    with ThreadPoolExecutor(1) as executor:
        go = threading.Event()
        executor.submit(go.wait, WAIT_S)
        found: dict[int, dict[str, object]] = {}
        analysis = Analysis(executor, None, found.__setitem__)
        analysis.submit(0, "0.json")
        monkeypatch.chdir(tmp_path)
        go.set()
        assert analysis.finish(WAIT_S)
    assert found[0]["measure_error"] is None
