"""What a figure leaves in a notebook: its picture, and in words what that shows."""

from __future__ import annotations

import pytest

from tests.notebook.kernel import kernel

SPOKEN = """
import cartesia_nb as cnb
take = await cnb.connect("local").say("Over and done with.", play=False)
"""


@pytest.mark.timeout(120)
def test_a_plots_picture_carries_its_alternative_text() -> None:
    with kernel(CARTESIA_API_KEY="") as running:
        running.run(SPOKEN)
        running.run("take.plot_latency();")
        shown = [
            message["content"]
            for message in running.messages
            if "image/png" in message["content"].get("data", {})
        ]
        assert len(shown) == 1
        alt = shown[0]["metadata"]["image/png"]["alt"]
        assert alt.startswith("Latency: built-in engine (espeak-ng). ")
        assert "time to first byte" in alt
