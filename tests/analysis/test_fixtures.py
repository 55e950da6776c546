"""The page's spectrogram is held to fixtures; these hold the fixtures to the analysis."""

import base64
import json

import numpy as np
import numpy.typing as npt
import pytest

from tests.analysis.make_fixtures import CASES, FOLDER, case


def decoded(text: str) -> npt.NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text), dtype="<f4")


@pytest.mark.parametrize("index", range(len(CASES)))
def test_what_the_page_is_held_to_is_what_the_analysis_makes(index: int) -> None:
    kept = json.loads((FOLDER / "stft.json").read_text("utf-8"))
    assert len(kept) == len(CASES)
    now = case(*CASES[index])
    theirs, ours = kept[index], dict(now)
    for where in ((theirs, ours), *zip(theirs.pop("mel"), ours.pop("mel"), strict=True)):
        for name in {"samples", "power"} & where[0].keys():
            old, new = (decoded(one.pop(name)) for one in where)
            np.testing.assert_allclose(old, new, rtol=1e-5, atol=1e-6)
        assert where[0] == where[1]
