"""Sessions: in a plain script, and in a real kernel as its page would see them."""

from __future__ import annotations

import gc
import hashlib
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator

import pytest

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.errors import ConnectError, SettingsError, TextError
from cartesia_nb.notebook.session import Session, connect
from tests.notebook.kernel import Kernel, Message, kernel


@pytest.fixture(scope="module")
def notebook() -> Iterator[Kernel]:
    with kernel(CARTESIA_API_KEY="") as running:
        running.run("import cartesia_nb as cnb\ntts = cnb.connect()")
        yield running


def sound(kernel: Kernel, take: str) -> bytes:
    """A take's audio as a page puts it together."""
    whole = bytearray()
    for message, buffers in kernel.to_page():
        if message["type"] == "audio" and message["take"] == take:
            whole[message["offset"] : message["offset"] + len(buffers[0])] = buffers[0]
    return bytes(whole)


def test_a_plain_script_generates_without_sound_and_says_so_once() -> None:
    script = """
import cartesia_nb as cnb
first = cnb.say("Hello.").wait(30)
second = cnb.say("Again.").wait(30)
print(first.state, second.state, first.duration > 0.2)
print(repr(first))
"""
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout.count("There is no notebook here") == 1
    assert result.stdout.count("Speaking through the built-in engine") == 1
    assert "done done True" in result.stdout
    assert result.stderr == ""


def test_the_quickstarts_own_lines_work_as_they_stand(session: Session) -> None:
    connection = session
    ctx = connection.context(
        model_id="sonic-3.5",
        voice={"mode": "id", "id": "f786b574-daa5-4673-aa0c-cbe3e8534c02"},
        output_format={
            "container": "raw",
            "encoding": "pcm_f32le",
            "sample_rate": 44100,
        },
    )
    transcript_chunks = ["Hi there! ", "Welcome to ", "Cartesia Sonic."]
    for part in transcript_chunks:
        ctx.push(part)

    ctx.no_more_inputs()

    received = b""
    for response in ctx.receive():
        if response.type == "chunk" and response.audio:
            received += response.audio
        elif response.type == "done":
            break
    assert received == ctx.take.pcm
    assert ctx.take.state == "done"
    assert ctx.take.duration > 1


def test_the_events_are_given_to_async_for_as_well(session: Session) -> None:
    import asyncio

    ctx = session.context(add_phoneme_timestamps=True)
    ctx.push("Hello there.", flush=True)
    ctx.push("And more.")
    ctx.no_more_inputs()

    async def read() -> list[str]:
        return [response.type async for response in ctx.receive()]

    kinds = asyncio.run(read())
    assert kinds[-1] == "done"
    assert {"chunk", "timestamps", "phoneme_timestamps", "flush_done"} <= set(kinds)
    assert ctx.take.phonemes


def test_say_returns_before_there_is_anything(session: Session) -> None:
    take = session.say("Hello.")
    assert take.text in ("", "Hello.")
    assert take.wait(20).text == "Hello."


def test_bad_input_is_refused_where_it_is_given(session: Session) -> None:
    with pytest.raises(TextError, match="nothing to say"):
        session.say(" ")
    with pytest.raises(SettingsError, match="Did you mean 'speed'"):
        session.say("Hello.", sped=1)
    with pytest.raises(SettingsError, match=r"0\.6 to 1\.5"):
        session.say("Hello.", speed=3)
    with pytest.raises(SettingsError):
        connect("local", voise="x")


def test_a_failure_that_nobody_saw_is_told_on_the_next_call(session: Session) -> None:
    session.say(iter([1]))  # type: ignore[arg-type]  # that it fails is the point
    gc.collect()  # nobody keeps the take
    (lost,) = session._watched.values()
    with lost.changed:
        assert lost.changed.wait_for(lambda: lost.ended, 10)
    with pytest.warns(UserWarning, match="An earlier take failed: A piece of the text is 1"):
        session.say("Hello.")
    assert lost not in session._watched.values(), "what failed is let go once it was told"


def test_a_take_that_nobody_holds_is_let_go(session: Session) -> None:
    """Its audio may be large; a failed one is kept until its failure was told."""
    take = session.say("Hello.").wait(20)
    kept = weakref.ref(take._recording)
    del take
    deadline = time.monotonic() + 10
    while kept() is not None:
        assert time.monotonic() < deadline, "the session keeps it"
        gc.collect()


def test_a_closed_session_says_so(engine: EngineProcess) -> None:
    session = connect(api_key=engine.api_key, base_url=engine.url)
    session.close()
    with pytest.raises(ConnectError, match="closed"):
        session.say("Hello.")


def test_stop_cancels_what_is_being_generated(session: Session) -> None:
    def endless() -> Iterator[str]:
        while True:
            yield "On and on and on. "

    take = session.say(endless())
    next(iter(take))
    session.stop()
    assert take.wait(10).state == "cancelled"


def test_what_is_said_reaches_the_page_whole(notebook: Kernel) -> None:
    take = notebook.run('t = tts.say("Every sample is sent.")\nprint(t.id)').strip()
    notebook.run("t.wait(30);")
    notebook.until(lambda _: ended(notebook, take))
    size = int(notebook.run("print(len(t.pcm))"))
    whole = sound(notebook, take)
    assert len(whole) == size > 0
    digest = notebook.run("import hashlib; print(hashlib.sha256(t.pcm).hexdigest())").strip()
    assert digest == hashlib.sha256(whole).hexdigest()


def test_sound_goes_on_while_a_cell_is_busy(notebook: Kernel) -> None:
    cell = """
import time
t = tts.say("This is spoken while the kernel counts, and nothing of it waits for the cell.")
print(t.id)
until = time.monotonic() + 5
while time.monotonic() < until and not t._recording.ended:
    sum(range(1000))
print("state", t.state)
"""
    notebook.client.execute(cell)
    notebook.until(lambda messages: "state" in printed(messages))
    take = [line for line in printed(notebook.messages).split() if len(line) == 32][-1]
    before_end = [
        index
        for index, message in enumerate(notebook.messages)
        if message["msg_type"] == "comm_msg" and message["buffers"]
    ]
    said = next(
        index
        for index, message in enumerate(notebook.messages)
        if message["msg_type"] == "stream" and "state" in message["content"]["text"]
    )
    assert "state done" in printed(notebook.messages)
    assert sum(index < said for index in before_end) > 5
    notebook.until(lambda _: ended(notebook, take))


def test_a_page_that_asks_again_gets_the_same_bytes(notebook: Kernel) -> None:
    take = notebook.run('t = tts.say("Ask me again.")\nt.wait(30)\nprint(t.id)').split()[-1]
    notebook.until(lambda _: ended(notebook, take))
    first = sound(notebook, take)
    del notebook.messages[:]
    notebook.send_to_widget(
        speaker_of(notebook),
        {"type": "need", "page": "p", "sent": 0, "take": take, "ranges": [[0, None]], "words": 0},
    )
    notebook.until(lambda _: ended(notebook, take))
    assert sound(notebook, take) == first


def test_a_page_that_reports_the_end_ends_the_wait_for_it(notebook: Kernel) -> None:
    notebook.send_to_widget(
        speaker_of(notebook), {"type": "hello", "page": "p", "sent": 0, "output": "worklet"}
    )
    take = notebook.run('t = tts.say("Did you hear?")\nt.wait(30)\nprint(t.id)').split()[-1]
    report = {"type": "heard", "page": "p", "sent": 0, "take": take, "position": 1, "ended": True}
    notebook.send_to_widget(speaker_of(notebook), report)
    assert "heard" in notebook.run('t.wait(20, heard=True)\nprint("heard")')


def test_a_pages_cancel_stops_generating(notebook: Kernel) -> None:
    code = """
def endless():
    while True:
        yield "On and on. "
t = tts.say(endless())
next(iter(t))
print(t.id)
"""
    take = notebook.run(code).split()[-1]
    notebook.send_to_widget(
        speaker_of(notebook), {"type": "cancel", "page": "p", "sent": 0, "take": take}
    )
    assert "cancelled" in notebook.run("print(t.wait(20).state)")


def test_a_pages_report_shows_no_figure_of_the_cell_that_runs(notebook: Kernel) -> None:
    notebook.run("%matplotlib inline\nimport time\nimport matplotlib.pyplot as plt\nshown = []")
    # What the inline backend does after each cell, noted down.
    notebook.run("get_ipython().events.register('post_execute', lambda: shown.append(1))")
    take = notebook.run('t = tts.say("Look and listen.").wait(30)\nprint(t.id)').split()[-1]
    notebook.run("del shown[:]")
    report = {"type": "heard", "page": "p", "sent": 0, "take": take, "position": 1, "ended": True}
    notebook.send_to_widget(speaker_of(notebook), report)
    # One for each of the cells: that of speaker_of, that of the del, and none for the report.
    assert notebook.run("t.wait(20, heard=True)\nprint(len(shown))").strip() == "2"


def test_an_async_source_of_the_kernels_loop_is_spoken(notebook: Kernel) -> None:
    code = """
import asyncio
async def words():
    for word in ["From ", "the kernel's ", "own loop."]:
        await asyncio.sleep(0.01)
        yield word
"""
    notebook.run(code)
    assert "own loop." in notebook.run("print((await tts.say(words())).text)")
    assert "own loop." in notebook.run("print(tts.say(words()).wait(20).text)")


def test_play_false_is_carried_to_no_ear(notebook: Kernel) -> None:
    take = notebook.run('t = tts.say("Silence.", play=False)\nt.wait(30)\nprint(t.id)').split()[-1]
    notebook.until(lambda _: ended(notebook, take))
    opened = [m for m, _ in notebook.to_page() if m["type"] == "open" and m["take"] == take]
    assert [message["play"] for message in opened] == [False] * len(opened)
    assert "play=False" in notebook.run(
        "try:\n    t.wait(heard=True)\nexcept cnb.NotHeardError as error:\n    print(error)"
    )


def test_a_take_shows_as_a_player_and_as_text(notebook: Kernel) -> None:
    notebook.run('t = tts.say("Show me.", play=False).wait(30)')
    shown = notebook.run("t")
    assert "Show me." in shown
    shown_as = [
        list(message["content"]["data"])
        for message in notebook.messages
        if message["msg_type"] == "display_data"
    ]
    assert shown_as == [["application/vnd.jupyter.widget-view+json"], ["image/png", "text/plain"]]


def ended(kernel: Kernel, take: str) -> bool:
    return any(m["type"] == "end" and m["take"] == take for m, _ in kernel.to_page())


def printed(messages: list[Message]) -> str:
    return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")


def speaker_of(kernel: Kernel) -> str:
    return kernel.run(
        "from cartesia_nb.speaker.speaker import Speaker\nprint(Speaker.current().comm.comm_id)"
    ).strip()


def test_a_fixed_prebuffer_reaches_the_page_and_a_wrong_one_is_refused_with_a_sentence(
    notebook: Kernel, engine: EngineProcess
) -> None:
    look = "print(tts.prebuffer, cnb.speaker.speaker.Speaker.current().prebuffer)"
    assert notebook.run(look).split() == ["None", "None"]
    notebook.run("tts.prebuffer = 0.5")
    assert notebook.run(look).split() == ["0.5", "0.5"]
    updates = [
        message["content"]["data"]["state"]["prebuffer"]
        for message in notebook.messages
        if message["msg_type"] == "comm_msg"
        and "prebuffer" in message["content"]["data"].get("state", {})
    ]
    assert updates[-1] == 0.5
    notebook.run("tts.prebuffer = None")
    assert notebook.run(look).split() == ["None", "None"]
    for wrong in ("-0.1", "5.1", "'long'", "float('nan')", "True"):
        with pytest.raises(RuntimeError, match=r"The prebuffer is .* 0\.0 to 5\.0"):
            notebook.run(f"tts.prebuffer = {wrong}")
    with pytest.raises(SettingsError, match="The prebuffer is 7"):
        connect(api_key=engine.api_key, base_url=engine.url, prebuffer=7)
    with connect(api_key=engine.api_key, base_url=engine.url, prebuffer=2) as session:
        assert session.prebuffer == 2.0
