"""Sweeps of hundreds and thousands of takes: a kernel that is killed, and memory that stays flat.

The engine lives outside of the kernels, and its log is the witness of what was asked for.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import distributed
import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.session import connect
from cartesia_nb.tuning.analysing import figures
from cartesia_nb.tuning.folder import Folder
from cartesia_nb.tuning.plan import Plan
from cartesia_nb.tuning.sweep import Sweep
from tests.notebook.kernel import Kernel, kernel
from tests.tuning.measuring import peak

AT_ONCE = 3
SPEEDS = (0.8, 0.9, 1.0, 1.1, 1.2)


class Asked(NamedTuple):
    """What tells one take of the sweep from all others."""

    text: str
    speed: float


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    with EngineProcess(fast=True) as engine:
        engine.control(max_contexts=AT_ONCE)
        yield engine


def _begin(engine: EngineProcess, folder: Path, sentences: int, **options: object) -> str:
    """The cell that begins a sweep, or goes on with it."""
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    return f"""
import os
import cartesia_nb as cnb
tts = cnb.connect(api_key={engine.api_key!r}, base_url={engine.url!r}, max_contexts={AT_ONCE})
sweep = tts.sweep(
    [f"This is sentence {{n}} of many." for n in range({sentences})],
    folder={str(folder)!r}, speed={SPEEDS!r}{given},
)
print("pid", os.getpid())
"""


def _until_saved(folder: Path, count: int) -> None:
    deadline = time.monotonic() + 30
    while len(list((folder / "takes").glob("*.json"))) < count:
        assert time.monotonic() < deadline, "the sweep does not get on"
        time.sleep(0.01)


def _saved(folder: Path) -> set[Asked]:
    takes = [json.loads(path.read_bytes()) for path in (folder / "takes").glob("*.json")]
    return {Asked(take["text"], take["settings"]["speed"]) for take in takes}


# Any: a request's fields are whatever JSON holds.
def _asked(context: dict[str, Any]) -> Asked:
    return Asked(context["transcript"], context["generation_config"]["speed"])


def test_a_sweep_whose_kernel_is_killed_goes_on_in_another_and_no_saved_take_is_made_twice(
    engine: EngineProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "sweep"
    engine.misbehave("error@1*inf%3", "drop@1*inf%2", seed=1)
    begin = _begin(engine, folder, sentences=40, repeats=1)
    with kernel() as first:
        pid = int(first.run(begin).rpartition("pid ")[2])
        _until_saved(folder, 80)
        os.kill(pid, signal.SIGKILL)
    saved = _saved(folder)
    assert 80 <= len(saved) < 190
    before = len(engine.log())
    with kernel() as second:
        said = second.run(begin + "sweep.wait()\nprint(sweep.state)")
    assert said.rstrip().endswith("done")

    rows = Sweep.load(folder).to_records()
    failed = {Asked(str(row["text"]), float(row["speed"] or 0)) for row in rows if row["error"]}
    resent = {Asked(str(row["text"]), float(row["speed"] or 0)) for row in rows if row["resent"]}
    assert [row["number"] for row in rows] == list(range(1, 201))
    assert {row["state"] for row in rows} == {"done", "failed"}
    assert all((row["state"] == "failed") == bool(row["error"]) for row in rows)
    assert all((row["state"] == "done") == (row["loudness"] is not None) for row in rows)
    assert 1 <= len(failed) <= 40
    asked = Counter(_asked(context) for context in engine.log())
    assert len(asked) == 200
    assert not [each for each in saved if asked[each] > 1 and each not in resent]
    after = {_asked(context) for context in engine.log()[before:]}
    assert not saved & after
    again = {each for each, count in asked.items() if count > 1}
    # What was in flight, and the one that was just being written with another in its place.
    assert len(again - failed - resent) <= AT_ONCE + 1


SAMPLED = """
import json, time, psutil
samples, process = [], psutil.Process()
while sweep.state == "running":
    samples.append(({count}, process.memory_info().rss / 1e6))
    time.sleep(0.02)
sweep.wait()
print("sampled", json.dumps(samples))
"""
"""Megabytes that the kernel holds by how far it is."""


def _growth(kernel: Kernel, count: str, begun: int) -> float:
    """Megabytes by which the kernel grows from ``begun`` takes to the end."""
    said = kernel.run(SAMPLED.format(count=count), timeout=90)
    samples = [tuple(each) for each in json.loads(said.rpartition("sampled ")[2])]
    print(samples[:: max(len(samples) // 20, 1)])
    early = [held for number, held in samples if begun <= number < 1.5 * begun]
    late = [held for number, held in samples if number >= 1.5 * begun]
    return float(max(late) - max(early))


@pytest.mark.long
def test_generating_holds_no_more_memory_for_300_takes_than_for_60(
    engine: EngineProcess, tmp_path: Path
) -> None:
    with kernel() as started:
        started.run(_begin(engine, tmp_path / "sweep", sentences=30, repeats=2))
        growth = _growth(started, "sweep.done + sweep.failed", 60)
    assert growth < 10


MANY = 2000


def _many(engine: EngineProcess, folder: Path) -> dict[Asked, dict[str, object]]:
    """A sweep's folder with 2,000 takes, of 40 different ones; their figures, found in a thread."""
    texts = tuple(f"Take {n}." for n in range(10))
    found: dict[Asked, dict[str, object]] = {}
    with connect(
        api_key=engine.api_key, base_url=engine.url, encoding="pcm_s16le", sample_rate=16000
    ) as session:
        settings = tuple(session.settings.replace(speed=speed) for speed in SPEEDS[:4])
        plan = Plan(texts, settings, MANY // 40)
        made = Folder.make(folder, plan, session.backend, session.settings)
        made.lock()
        for first in range(1, 41):
            job = plan.job(first)
            take = session.say(job.text, speed=job.settings.speed).wait()
            for number in range(first, MANY + 1, 40):
                take.save(made.path_of(number))
            asked = Asked(job.text, job.settings.speed or 1.0)
            found[asked] = figures(str(made.path_of(first)), {"peak": peak})
        made.release()
    return found


def _measured_with(executor: str, folder: Path) -> float:
    """Have a kernel measure all takes through an executor; the megabytes that it grew by."""
    with kernel() as started:
        started.run(
            f"""
from cartesia_nb.tuning.sweep import Sweep
from tests.tuning.measuring import peak
{executor}
sweep = Sweep.load({str(folder)!r})
sweep.measure({{"peak": peak}}, executor=executor)
"""
        )
        growth = _growth(started, "sweep._folder.index.measured", 200)
        assert started.run("print(sweep.state, sweep._runner.trouble)").strip() == "done None"
    return growth


def _check(folder: Path, found: dict[Asked, dict[str, object]]) -> None:
    rows = Sweep.load(folder).to_records()
    assert len(rows) == MANY
    for row in rows:
        wanted = found[Asked(str(row["text"]), float(row["speed"] or 0))]
        assert {name: row[name] for name in wanted} == wanted


@pytest.mark.long
def test_thousands_of_takes_are_analysed_in_a_pool_in_flat_memory(
    engine: EngineProcess, tmp_path: Path
) -> None:
    found = _many(engine, tmp_path / "sweep")
    growth = _measured_with(
        "from concurrent.futures import ProcessPoolExecutor\nexecutor = ProcessPoolExecutor(2)",
        tmp_path / "sweep",
    )
    _check(tmp_path / "sweep", found)
    assert growth < 10


@pytest.mark.long
def test_thousands_of_takes_are_analysed_on_a_dask_cluster_in_flat_memory(
    engine: EngineProcess, tmp_path: Path
) -> None:
    found = _many(engine, tmp_path / "sweep")
    local: Any = distributed.LocalCluster  # it has no types
    with local(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        local_directory=str(tmp_path),
    ) as cluster:
        growth = _measured_with(
            "from distributed import Client\n"
            f"executor = Client({cluster.scheduler_address!r}).get_executor()",
            tmp_path / "sweep",
        )
    _check(tmp_path / "sweep", found)
    assert growth < 10
