"""The page half of a widget: the JavaScript in the folder of static files that it runs."""

from __future__ import annotations

import anywidget


def hold(widget: anywidget.AnyWidget) -> None:
    """Give a widget a copy of its page half as text. To be called before ``super().__init__``.

    anywidget 0.11 has a page half that is a file call each widget when the file changes, and so
    keeps every widget ever made, with the take that it shows, after it was closed.
    """
    widget._esm = str(type(widget)._esm)
