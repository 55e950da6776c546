"""Warnings that point at the user's own line, however deep they come from."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Final

_OURS: Final = str(Path(__file__).parents[1])


def warn(sentence: str) -> None:
    """Warn at the nearest line that is not this package's. In the thread of the call."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OURS):
        level, frame = level + 1, frame.f_back
    warnings.warn(sentence, stacklevel=level)
