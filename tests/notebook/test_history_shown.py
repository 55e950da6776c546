"""How a history shows itself, and as tables of others take it."""

from __future__ import annotations

import gc
from html.parser import HTMLParser

import pandas as pd
import polars as pl
import pytest

from cartesia_nb.errors import ConnectionLostError
from cartesia_nb.notebook.history import History
from tests.notebook.spoken import spoken


class Table(HTMLParser):
    """The cells of a table, and every name and style in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.caption = ""
        self.names: set[str] = set()
        self.styles = ""
        self._in: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.styles += "".join(value or "" for name, value in attrs if name == "style")
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._in = "cell"
        elif tag == "caption":
            self._in = "caption"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "caption"):
            self._in = None

    def handle_data(self, data: str) -> None:
        if self._in == "cell":
            self.rows[-1][-1] += data
        elif self._in == "caption":
            self.caption += data


def test_it_is_shown_as_a_table_in_which_a_text_is_text() -> None:
    history = History()
    takes = [spoken("<script>alert(1)</script> & more"), spoken("Plain.", seconds=0.0)]
    for take in takes:
        history._add(take)
    table = Table(history._repr_html_())
    assert table.caption == "2 takes"
    assert "script" not in table.names
    assert table.rows[0][:4] == ["#", "Text", "State", "TTFB"]
    assert table.rows[1][:5] == [
        "1",
        "<script>alert(1)</script> & more",
        "connecting",
        "200.0 ms",
        "300.0 ms",
    ]
    assert "unknown" in table.rows[2] and "0.0 ms" not in table.rows[2]


def test_the_reason_of_a_failure_is_text_too() -> None:
    take = spoken("Hello.")
    take._recording.end("failed", 60.0, ConnectionLostError("<img src=x> & lost."))
    history = History()
    history._add(take)
    table = Table(history._repr_html_())
    assert "img" not in table.names
    assert table.rows[1][1] == "Hello.<img src=x> & lost."


def test_a_column_is_not_asked_for_as_a_row() -> None:
    with pytest.raises(TypeError, match=r"\[row\['ttfb'\] for row in history\]"):
        History()["ttfb"]  # type: ignore[call-overload]  # what one might try


def test_a_take_that_was_gone_at_once_has_a_row_with_every_column() -> None:
    history, take = History(), spoken(seconds=0.0)
    history._add(take)
    columns = list(history[0])
    history._add(spoken())
    gc.collect()
    assert list(history[1]) == columns
    assert len(Table(history._repr_html_()).rows) == 3


def test_it_takes_its_colours_from_the_page() -> None:
    history, take = History(), spoken()
    history._add(take)
    assert "color" not in Table(history._repr_html_()).styles
    assert "background" not in Table(history._repr_html_()).styles


def test_of_a_long_history_the_newest_rows_are_shown() -> None:
    history = History()
    takes = [spoken(f"Take {index}.", seconds=0.0) for index in range(150)]
    for take in takes:
        history._add(take)
    html = history._repr_html_()
    assert Table(html).caption == "150 takes, the last 100 shown"
    assert [row[0] for row in Table(html).rows[1:]] == [str(n) for n in range(51, 151)]
    assert len(html) < 300_000
    assert repr(history).splitlines()[0] == "150 takes, the last 10 shown"


def test_an_empty_history_says_so() -> None:
    assert repr(History()) == "No takes"
    assert Table(History()._repr_html_()).caption == "No takes"
    assert (list(History()), len(History()), History().takes) == ([], 0, ())


def test_pandas_and_polars_take_it_as_it_is() -> None:
    history = History()
    takes = [spoken(), spoken(seconds=0.0), spoken()]
    for take in takes:
        history._add(take)
    frame = pd.DataFrame(history)
    assert len(frame) == 3
    assert frame["ttfa"].dtype == "float64"
    assert frame["ttfa"].isna().tolist() == [False, True, False]
    assert frame["chunks"].dtype == "int64"
    assert list(pd.DataFrame(history.to_records()).columns) == list(frame.columns)
    other = pl.DataFrame(history.to_records())
    assert other["ttfa"].dtype == pl.Float64
    assert other["said"].dtype == pl.String
    assert pl.DataFrame(history).equals(other)
