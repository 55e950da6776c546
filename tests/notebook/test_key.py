"""The API key leaves the kernel for nowhere but the server it is for."""

from __future__ import annotations

import pickle
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech.secret import Secret
from tests.notebook.kernel import kernel

KEY = "sk_car_this_key_must_not_be_seen_anywhere"

CELL = """
import logging, sys, traceback
logging.basicConfig(level=logging.DEBUG, filename="{log}", force=True)
logging.getLogger().setLevel(logging.DEBUG)
import cartesia_nb as cnb
tts = cnb.connect(base_url="{url}")
take = tts.say("Nobody sees the key.").wait(30)
print(tts, take, take.settings, tts._connection, vars(take), take._recording.__dict__)
print(tts.voices(language="cs"), tts.access_token(60), vars(tts._connection))
take.save("{folder}/take")
print(take.metrics, take.describe(), tts.history, tts.history.to_records())
print(tts.history._repr_html_(), take.timeline.to_records(), vars(take.timeline))
take.timeline.to_csv("{folder}/chunks.csv")
take.timeline.to_json("{folder}/chunks.json")
take
"""

FAILING = """
wrong = cnb.connect(api_key="{key}", base_url="{url}")
failed = wrong.say("Refused.")
try:
    failed.wait(30)
except cnb.AuthenticationError as error:
    traceback.print_exc()
    print(repr(error), error.__cause__, error.__context__, vars(error))
print(failed.describe(), wrong.history.to_records(), wrong.history._repr_html_())
try:
    wrong.voices()
except cnb.AuthenticationError as error:
    traceback.print_exc()
    print(repr(error), vars(error))
nowhere = cnb.connect(base_url="http://127.0.0.1:1/", bounds=cnb.Bounds(connect=0.5))
try:
    nowhere.say("Nobody.").wait(30)
except cnb.ConnectError as error:
    traceback.print_exc()
failed
"""


def test_the_key_is_in_no_message_state_log_file_or_exception(tmp_path: Path) -> None:
    engine = EngineProcess(fast=True)
    engine.start()
    other = "sk_car_another_key_that_is_wrong"
    try:
        with kernel(CARTESIA_API_KEY=engine.api_key) as running:
            cell = CELL.format(log=tmp_path / "log.txt", url=engine.url, folder=tmp_path)
            running.run(cell)
            # The wrong key stands in the cell itself, so it is read from the environment there.
            running.run(f"import os\nos.environ['WRONG'] = {other!r}")
            code = FAILING.format(key="{0}", url=engine.url).replace('"{0}"', "os.environ['WRONG']")
            running.run(code)
            state = running.run(
                "import ipywidgets\nprint(ipywidgets.Widget.get_manager_state(drop_defaults=False))"
            )
            running.run("logging.shutdown()")
            seen = [
                message
                for message in running.messages
                if other not in str(message["content"].get("code", ""))
            ]
    finally:
        engine.stop()
    sound = b"".join(b"".join(bytes(b) for b in message["buffers"]) for message in seen)
    log = (tmp_path / "log.txt").read_text()
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert "Nobody sees the key" in str(seen)
    assert "speaker_id" in state, "the widgets' saved state was not looked at"
    assert "> Authorization: Bearer ***" in log, "the handshake's headers were not logged at all"
    assert "refused the API key" in str(seen)
    assert "spoke “Nobody sees the key.”" in str(seen)
    for key in (engine.api_key, other):
        assert key not in str(seen)
        assert key.encode() not in sound
        assert key not in log
        assert key.encode() not in files


def test_the_key_is_not_in_the_saved_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EngineProcess(fast=True) as engine:
        monkeypatch.setenv("CARTESIA_API_KEY", engine.api_key)
        code = (
            f"import cartesia_nb as cnb\ntts = cnb.connect(base_url={engine.url!r})\n"
            "take = tts.say('Saved with its widgets.').wait(30)\nprint(tts, vars(take))\ntake"
        )
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        NotebookClient(notebook, timeout=60, store_widget_state=True).execute()
        nbformat.write(notebook, tmp_path / "saved.ipynb")
        saved = (tmp_path / "saved.ipynb").read_text("utf-8")
    assert "speaker_id" in saved, "the file holds no widgets' state"
    assert "Saved with its widgets." in saved
    assert engine.api_key not in saved


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret(KEY)
    assert KEY not in f"{secret} {secret!r} {[secret]}"
    assert secret.redact(f"Bearer {KEY}.") == "Bearer ***."
    assert secret.reveal() == KEY
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
