"""What stood on a tuner's controls, kept in its folder until the kernel is started again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from cartesia_nb.errors import TakeFileError
from cartesia_nb.speech.files import write_whole
from cartesia_nb.speech.settings import Settings
from cartesia_nb.tuning.speaking import Wanted

VERSION: Final = 1
NAME: Final = "tuner.json"


def prepare(folder: Path) -> None:
    """See that the folder is there.

    Raises:
        TakeFileError: it can't be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise TakeFileError(
            f"The folder {folder} can't be made: {fault.strerror or fault}. Choose one that "
            "you may write to."
        ) from None


def save(folder: Path, wanted: Wanted) -> None:
    """Write text and settings, whole or not at all.

    Raises:
        TakeFileError: they can't be written.
    """
    content = {
        "cartesia_nb_tuner": VERSION,
        "text": wanted.text,
        "settings": wanted.settings.to_dict(),
    }
    # Half a character can't be written; what stands on the controls may hold one.
    written = json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    write_whole(folder / NAME, written)


def load(folder: Path) -> Wanted | None:
    """What was written last; ``None`` if nothing was.

    Raises:
        TakeFileError: there is a file that can't be read.
    """
    path = folder / NAME
    try:
        content = json.loads(path.read_bytes())
        if content["cartesia_nb_tuner"] != VERSION:
            raise ValueError(f"written as version {content['cartesia_nb_tuner']}")
        if not isinstance(content["text"], str):
            raise ValueError("its text is none")
        return Wanted(content["text"], Settings.of(**content["settings"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as fault:
        raise TakeFileError(
            f"What stood on the controls can't be read from {path} ({fault}), so they stand as the "
            "session's settings. The next change writes it anew: copy it first if you need it."
        ) from None
