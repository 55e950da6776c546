"""Which kind of notebook, if any, this process serves."""

from __future__ import annotations

import sys
from typing import Literal

Host = Literal["jupyter", "marimo"]


def notebook_host() -> Host | None:
    """The host whose page can show a widget, or ``None`` in a plain script or shell."""
    marimo = sys.modules.get("marimo")
    if marimo is not None and marimo.running_in_notebook():
        return "marimo"
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return "jupyter" if getattr(shell, "kernel", None) is not None else None
