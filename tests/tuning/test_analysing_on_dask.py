"""Figures of saved takes on a Dask cluster of local processes, some of which are killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import distributed
import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.session import connect
from cartesia_nb.tuning.analysing import Analysis, Measures, figures
from tests.tuning import measuring
from tests.tuning.measuring import peak

TEXTS = ("First of all.", "Second to none.", "Third time lucky.")


@pytest.fixture(scope="module")
def paths(engine: EngineProcess, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("takes")
    with connect(api_key=engine.api_key, base_url=engine.url) as session:
        return [
            str(session.say(text).wait().save(folder / str(number)))
            for number, text in enumerate(TEXTS)
        ]


# Any: neither has types.
@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    local: Any = distributed.LocalCluster
    connected: Any = distributed.Client
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        local(
            n_workers=1,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            local_directory=str(tmp_path_factory.mktemp("dask")),
        ) as cluster,
    ):
        yield connected(cluster)


def analysed(
    paths: list[str], measure: Measures, client: Any
) -> tuple[dict[int, dict[str, Any]], Analysis]:
    found: dict[int, dict[str, Any]] = {}
    analysis = Analysis(client.get_executor(), measure, found.__setitem__)
    for number, path in enumerate(paths):
        analysis.submit(number, path)
    assert analysis.finish(45)
    assert sorted(found) == list(range(len(paths)))
    return found, analysis


def test_it_finds_what_a_thread_finds_and_takes_a_lambda(paths: list[str], client: Any) -> None:
    measure: Measures = {"peak": peak, "mine": lambda take: len(take.text)}
    found, analysis = analysed(paths, measure, client)
    assert found == {number: figures(path, measure) for number, path in enumerate(paths)}
    assert analysis.trouble is None


def test_a_take_that_kills_its_worker_is_named_and_the_others_are_measured(
    paths: list[str], client: Any
) -> None:
    measure = {"fatal": measuring.ends_its_process_at_second, "peak": peak}
    found, analysis = analysed(paths, measure, client)
    assert analysis.trouble is None
    assert found[1]["fatal"] is None and found[1]["duration"] is not None
    assert "The executor could not measure it (KilledWorker" in found[1]["measure_error"]
    for number in (0, 2):
        assert (found[number]["fatal"], found[number]["measure_error"]) == (1, None)


def test_a_take_that_is_measured_again_is_measured_and_not_remembered(
    paths: list[str], client: Any, tmp_path: Path
) -> None:
    moved = [
        tmp_path / Path(path).with_suffix(end).name
        for path in paths[:1]
        for end in (".wav", ".json")
    ]
    missing, _ = analysed([str(moved[1])], {}, client)
    assert "can't be read" in missing[0]["measure_error"]
    for to in moved:
        to.write_bytes(Path(paths[0]).with_suffix(to.suffix).read_bytes())
    found, _ = analysed([str(moved[1])], {}, client)
    assert found[0]["measure_error"] is None


def test_a_client_that_is_closed_is_replaced(paths: list[str], client: Any) -> None:
    client.close()
    found, analysis = analysed(paths, {"peak": peak}, client)
    assert all(row["peak"] is not None for row in found.values())
    assert analysis.trouble is not None and "a thread of our own" in analysis.trouble
