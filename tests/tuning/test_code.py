"""The code that a tuner gives, run: it asks the engine for what the tuner asks it for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.session import Session
from cartesia_nb.protocol import limits
from cartesia_nb.speech import backend
from cartesia_nb.speech.allowed import ALLOWED
from cartesia_nb.speech.settings import Settings
from cartesia_nb.tuning.code import sdk_code, toolkit_code

HARD = 'It\'s "so"\\n\n\t{x} % ö 漢字 𝄞 \'\'\'  """ # no comment'
EVERYTHING = Settings(
    model_id="sonic-3",
    voice='it\'s "mine"',
    language="de",
    encoding="pcm_s16le",
    sample_rate=16000,
    speed=0.853,
    volume=1.25,
    emotion="calm",
    max_buffer_delay_ms=250,
    add_timestamps=False,
    add_phoneme_timestamps=True,
    use_normalized_timestamps=False,
    pronunciation_dict_id="d\n'",
    extra={"new": [1, None, {"a": 'ü\n"'}], "generation_config": {"pitch": 1.5}},
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).map(
    lambda text: f"Hi. {text}"
)
OPTIONAL = {
    "language": st.sampled_from(["en", "de", "fr"]),
    "speed": st.floats(*limits.SPEED_RANGE),
    "volume": st.floats(*limits.VOLUME_RANGE),
    "emotion": st.sampled_from(limits.EMOTIONS),
    "use_normalized_timestamps": st.booleans(),
    "pronunciation_dict_id": TEXTS,
}
ALL = st.builds(
    Settings,
    voice=TEXTS,
    encoding=st.sampled_from(ALLOWED["encoding"].choices),
    sample_rate=st.sampled_from(ALLOWED["sample_rate"].choices),
    max_buffer_delay_ms=st.integers(0, 5000),
    add_timestamps=st.booleans(),
    add_phoneme_timestamps=st.booleans(),
    extra=st.dictionaries(
        st.sampled_from(["new", "newer"]), st.none() | TEXTS | st.lists(st.integers()), max_size=2
    ),
    **{name: st.none() | values for name, values in OPTIONAL.items()},
)


@pytest.fixture
def place(engine: EngineProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to run code in, with the key in the environment."""
    monkeypatch.setenv("CARTESIA_API_KEY", engine.api_key)
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def asked(engine: EngineProcess) -> dict[str, object]:
    """What the engine was asked for last, less what differs from time to time."""
    newest = engine.log()[-1]
    left_out = ("number", "context_id", "state", "at", "began", "ended")
    return {name: value for name, value in newest.items() if name not in left_out}


def run(code: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile(code, "pasted", "exec"), names)
    return names


def toolkits(engine: EngineProcess, text: str, settings: Settings) -> dict[str, object]:
    code = toolkit_code(text, settings, backend.server(engine.url))
    names = run(code.removesuffix("\ntake") + "\ntake.wait(20)\n")
    session = names["tts"]
    assert isinstance(session, Session)
    session.close()
    return asked(engine)


def sdks(engine: EngineProcess, text: str, settings: Settings) -> dict[str, object]:
    run(sdk_code(text, settings, backend.server(engine.url)))
    return asked(engine)


def tuners(session: Session, engine: EngineProcess, text: str, wanted: Settings) -> object:
    said: dict[str, object] = {**wanted.to_dict()}
    session.say(text, play=False, interrupt=False, **said).wait(20)
    return asked(engine)


@pytest.mark.parametrize("wanted", [Settings(), EVERYTHING], ids=["defaults", "everything"])
@pytest.mark.parametrize("text", ["Hi there!", HARD], ids=["plain", "hard"])
@pytest.mark.filterwarnings("ignore:.*no effect")
def test_pasted_code_runs_and_asks_for_the_same(
    session: Session, engine: EngineProcess, place: Path, text: str, wanted: Settings
) -> None:
    own = tuners(session, engine, text, wanted)
    assert toolkits(engine, text, wanted) == own
    assert sdks(engine, text, wanted) == own


@given(TEXTS, ALL)
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.filterwarnings("ignore:.*no effect")
def test_pasted_code_asks_for_the_same_whatever_is_set(
    session: Session, engine: EngineProcess, place: Path, text: str, wanted: Settings
) -> None:
    own = tuners(session, engine, text, wanted)
    assert toolkits(engine, text, wanted) == own
    assert sdks(engine, text, wanted) == own


def test_the_sdks_code_leaves_the_sound_in_a_file(
    session: Session, engine: EngineProcess, place: Path
) -> None:
    run(sdk_code("Hi there!", EVERYTHING, backend.server(engine.url)))
    take = session.say("Hi there!", play=False, interrupt=False, **{**EVERYTHING.to_dict()})
    assert (place / "speech.s16le").read_bytes() == take.wait(20).pcm
    assert os.listdir(place) == ["speech.s16le"]


@given(TEXTS, ALL, st.sampled_from([None, "British\nimport os", "Low"]))
def test_both_compile_and_the_toolkits_leaves_out_what_is_the_default(
    text: str, wanted: Settings, voice: str | None
) -> None:
    for who in (backend.CARTESIA, backend.ENGINE, backend.server("http://127.0.0.1:1")):
        compile(sdk_code(text, wanted, who, engine_voice=voice), "sdk", "exec")
        code = toolkit_code(text, wanted, who, engine_voice=voice)
        compile(code, "toolkit", "exec")
        given_ = {name for name in ALLOWED if f"{name}=" in code.replace(text, "")}
        assert ("speed" in given_) >= (wanted.speed is not None)
    assert toolkit_code("Hi", Settings(), backend.CARTESIA).endswith('tts.say("Hi")\ntake')


def test_an_engines_voice_is_marked_as_one_that_cartesia_does_not_have() -> None:
    for made in (toolkit_code, sdk_code):
        marked = made("Hi", Settings(voice="v"), backend.ENGINE, engine_voice="British Low")
        (line,) = [line for line in marked.splitlines() if "British Low" in line]
        assert line.startswith("#") and "Cartesia has none of that id" in line
        assert "Cartesia has none" not in made("Hi", Settings(voice="v"), backend.ENGINE)


def test_no_key_is_ever_in_it(engine: EngineProcess) -> None:
    for made in (toolkit_code, sdk_code):
        assert engine.api_key not in made("Hi", EVERYTHING, backend.server(engine.url))
