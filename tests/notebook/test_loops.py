"""Threads and event loops in a real kernel, whose own loop runs every cell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cartesia_nb.engine.process import EngineProcess
from tests.notebook.kernel import Kernel, kernel

PATCHED = (
    "import asyncio, sys\n"
    "print('nest_asyncio' in sys.modules, asyncio.run.__module__ == 'asyncio.runners')"
)


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineProcess]:
    with EngineProcess(fast=True) as engine:
        yield engine


@pytest.fixture
def notebook(engine: EngineProcess) -> Iterator[Kernel]:
    """A fresh kernel: what nest-asyncio patches stays patched until the kernel ends."""
    with kernel(CARTESIA_API_KEY=engine.api_key) as running:
        running.run(f"import cartesia_nb as cnb\ntts = cnb.connect(base_url={engine.url!r})")
        yield running


# What speaks on the kernel's loop, in threads, and on loops of threads, and how each waits.
SPEAKERS = """
import asyncio, sys, threading
from concurrent.futures import ThreadPoolExecutor

def text(name):
    return f"This was said by {name}, and by nobody else."

async def source(name):
    for word in text(name).split(" "):
        await asyncio.sleep(0.001)
        yield word if word.endswith("else.") else word + " "

def thread(name):
    return [tts.say(text(name)).wait(30) for _ in range(3)]

def generator(name):
    takes = [tts.say(word for word in [text(name)]) for _ in range(3)]
    for take in takes:
        assert b"".join(chunk.audio for chunk in take) == take.pcm
    return takes

async def on_a_loop(name):
    takes = [tts.say(source(name)) for _ in range(3)]
    assert all(take is done for take, done in zip(takes, await asyncio.gather(*takes)))
    return takes

def loop(name):
    return asyncio.run(on_a_loop(name))

async def kernels_loop(name):
    takes = []
    for _ in range(3):
        take = tts.say(source(name))
        assert b"".join([chunk.audio async for chunk in take]) == take.pcm
        takes.append(take)
    return takes

async def everybody():
    names = ["one thread", "another thread", "a generator", "one loop", "another loop"]
    ways = [thread, thread, generator, loop, loop]
    with ThreadPoolExecutor(5) as pool:
        working = [
            asyncio.wrap_future(pool.submit(way, name)) for way, name in zip(ways, names)
        ]
        said = [await kernels_loop("the cell")] + [await each for each in working]
    return dict(zip(["the cell", *names], said))

def check(everything):
    for name, takes in everything.items():
        wanted = tts.say(text(name)).wait(30)
        for take in takes:
            assert take.state == "done" and take.text == text(name), take
            assert [word.text for word in take.words] == text(name).split(), take.words
            assert take.pcm == wanted.pcm, name
    return len(everything)
"""


def test_the_kernels_loop_threads_and_their_loops_share_a_session_and_nothing_mixes(
    notebook: Kernel,
) -> None:
    notebook.run(SPEAKERS)
    assert notebook.run("everything = await everybody()\nprint(check(everything))").strip() == "6"
    assert notebook.run(PATCHED).split() == ["False", "True"], "and nothing was patched for it"


def test_a_blocking_wait_runs_the_kernels_own_loop_where_that_feeds_the_take(
    notebook: Kernel,
) -> None:
    notebook.run(SPEAKERS)
    # Others go on as well while the cell waits, and asyncio is patched by the first such wait.
    assert notebook.run(PATCHED).split() == ["False", "True"]
    code = """
ticks = []
async def ticking():
    while True:
        ticks.append(1)
        await asyncio.sleep(0.001)
ticker = asyncio.ensure_future(ticking())
take = tts.say(source("the cell")).wait(30)
during, chunks = len(ticks), [chunk.audio for chunk in tts.say(source("the loop"))]
context = tts.context()
context.push("Pushed.")
context.no_more_inputs()
kinds = [event.type for event in context.receive()]
ticker.cancel()
print(take.text == text("the cell"), during > 1, len(chunks) > 5, kinds[-1])
"""
    assert notebook.run(code).split() == ["True", "True", "True", "done"]
    assert notebook.run(PATCHED).split()[0] == "True"
    # Everything else works on, with asyncio patched.
    assert notebook.run("print(check(await everybody()))").strip() == "6"


def test_a_blocking_wait_behind_takes_that_the_kernels_loop_feeds_comes_to_its_turn(
    notebook: Kernel,
) -> None:
    notebook.run(SPEAKERS)
    code = """
async def slow():
    for word in ["Slow ", "but ", "steady."]:
        yield word
        await asyncio.sleep(0.2)
fed = [tts.say(slow()) for _ in range(2)]
while not all(take.text for take in fed):
    await asyncio.sleep(0.01)
last = tts.say(text("the last in the queue")).wait(30)
print(last.state, [take.wait(30).state for take in fed])
"""
    assert notebook.run(code).split() == ["done", "['done',", "'done']"]


EXAMPLE = """
import asyncio
import os

from cartesia import AsyncCartesia

client = AsyncCartesia(
    api_key=os.environ["CARTESIA_API_KEY"],
    base_url={url!r},
    websocket_base_url={websocket_url!r},
)


async def main():
    heard = b""
    async with client.tts.websocket_connect() as connection:
        ctx = connection.context(
            model_id="sonic-3.5",
            voice={{"mode": "id", "id": "f786b574-daa5-4673-aa0c-cbe3e8534c02"}},
            output_format={{
                "container": "raw",
                "encoding": "pcm_f32le",
                "sample_rate": 44100,
            }},
        )
        for part in ["Hi there! ", "Welcome to ", "Cartesia Sonic."]:
            await ctx.push(part)
        await ctx.no_more_inputs()
        async for response in ctx.receive():
            if response.type == "chunk" and response.audio:
                heard += response.audio
            elif response.type == "done":
                break
    print("heard", len(heard) / 4 / 44100, "s")


asyncio.run(main())
"""


def test_cartesias_own_async_example_runs_unchanged_once_that_is_allowed(
    notebook: Kernel, engine: EngineProcess
) -> None:
    example = EXAMPLE.format(url=engine.url, websocket_url=engine.websocket_url)
    with pytest.raises(RuntimeError, match=r"asyncio\.run\(\) cannot be called from a running"):
        notebook.run(example)
    assert notebook.run("print(tts.say('Hello.').wait(30).state)").strip() == "done"
    assert notebook.run(PATCHED).split() == ["False", "True"], "nobody asked for it yet"

    notebook.run("cnb.allow_asyncio_run()")
    for _ in range(2):
        said = notebook.run(example).split()
        assert said[0] == "heard" and 1.5 < float(said[1]) < 4.0
    notebook.run("cnb.allow_asyncio_run()")  # again: nothing
    # The session and plain asyncio work on, in cells, in threads and on their loops.
    notebook.run(SPEAKERS)
    assert notebook.run("print(check(await everybody()))").strip() == "6"
    assert notebook.run("print(tts.say(source('a cell')).wait(30).state)").strip() == "done"


@pytest.mark.parametrize(
    ("change", "back", "says"),
    [
        (
            "import sys\nreal, sys.version_info = sys.version_info, (3, 14, 0, 'final', 0)",
            "sys.version_info = real",
            "does not work on Python 3.14 and later. Write `await main()` instead.",
        ),
        (
            "import asyncio\nclass Strange(asyncio.AbstractEventLoop): pass\n"
            "real = asyncio.get_running_loop()\nasyncio._set_running_loop(Strange())",
            "asyncio._set_running_loop(real)",
            "can't patch this loop (__main__.Strange). Write `await main()` instead.",
        ),
    ],
)
def test_where_asyncio_run_cannot_be_allowed_it_is_said_and_nothing_is_patched(
    notebook: Kernel, change: str, back: str, says: str
) -> None:
    code = f"""
{change}
try:
    cnb.allow_asyncio_run()
except RuntimeError as error:
    print(error)
finally:
    {back}
"""
    assert notebook.run(code).strip().endswith(says)
    assert notebook.run(PATCHED).split() == ["False", "True"]
    assert notebook.run("print(tts.say('Hello.').wait(30).state)").strip() == "done"
    assert notebook.run("print((await tts.say('Hello.')).state)").strip() == "done"
