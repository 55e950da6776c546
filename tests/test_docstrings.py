"""The docstrings of the public names say what a reader needs, as far as a machine can tell."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from types import FunctionType

import pytest

import cartesia_nb
from cartesia_nb import errors
from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.history import History
from cartesia_nb.speech.events import Events
from cartesia_nb.speech.metrics import Metrics
from cartesia_nb.speech.take import AudioChunk
from cartesia_nb.speech.timeline import Chunk, Timeline
from cartesia_nb.speech.views import Views

NAMED = [getattr(cartesia_nb, name) for name in cartesia_nb.__all__ if name not in errors.__all__]
HANDED_OUT = [EngineProcess, Events, Timeline, Chunk, AudioChunk, Metrics, History]
OWNERS = [*NAMED, *HANDED_OUT]
ON_PURPOSE = {*errors.__all__, "RuntimeError"}
SPECIAL = ("__getitem__", "__iter__", "__aiter__", "__await__")
"""Not called by name, so that the class may tell of them; what they do tell is looked at."""


def function_of(member: object) -> FunctionType | None:
    plain = getattr(member, "fget", None) or getattr(member, "__func__", member)
    return plain if isinstance(plain, FunctionType) else None


def members(owner: object) -> Iterator[tuple[str, FunctionType]]:
    """The public methods and properties that are defined in a class, or the function itself."""
    if isinstance(owner, FunctionType):
        yield owner.__qualname__, owner
    elif isinstance(owner, type):
        for name, member in vars(owner).items():
            function = function_of(member)
            if function is not None and not name.startswith("_"):
                yield f"{owner.__qualname__}.{name}", function


MEMBERS = dict(pair for owner in [*OWNERS, Views] for pair in members(owner))
SAID_BY = {
    **{name: (function, function) for name, function in MEMBERS.items()},
    **{
        f"{owner.__qualname__}.{name}": (owner, function)
        for owner in OWNERS
        if isinstance(owner, type)
        for name in ("__init__", "__post_init__")
        if (function := function_of(vars(owner).get(name))) is not None
    },
    **{
        f"{owner.__qualname__}.{name}": (function, function)
        for owner in OWNERS
        if isinstance(owner, type)
        for name in SPECIAL
        if (function := function_of(vars(owner).get(name))) is not None and function.__doc__
    },
}
"""For each function that a user calls: what tells of it, and the function."""


def section(docstring: str, name: str) -> str:
    found = re.search(rf"^{name}:\n((?:(?: +.*)?(?:\n|$))*)", docstring, re.MULTILINE)
    return "" if found is None else textwrap.dedent(found[1])


def told(docstring: str, name: str) -> set[str]:
    """The names that a section tells of: ``a, b: why`` and the lines that go on from there."""
    heads = re.findall(r"^([\w*][\w*, ]*):", section(docstring, name), re.MULTILINE)
    return {each.strip().lstrip("*") for head in heads for each in head.split(",")}


@cache
def raised_in(module: str) -> dict[str, set[str]]:
    """For each function of a module, what it raises on purpose, itself or by the module's private
    ones: ``self._other()`` and ``_other()`` count as that other, whatever class it is of.

    What a public one raises may not come to pass with the arguments that this one gives.
    """
    source = inspect.getsource(__import__(module, fromlist=["_"]))
    raises: dict[str, set[str]] = {}
    calls: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        own, called = raises.setdefault(node.name, set()), calls.setdefault(node.name, set())
        for inner in ast.walk(node):
            if isinstance(inner, ast.Raise) and isinstance(inner.exc, ast.Call):
                if isinstance(inner.exc.func, ast.Name):
                    own.add(inner.exc.func.id)
            elif isinstance(inner, ast.Call):
                if isinstance(inner.func, ast.Name):
                    called.add(inner.func.id)
                elif isinstance(inner.func, ast.Attribute) and (
                    isinstance(inner.func.value, ast.Name) and inner.func.value.id == "self"
                ):
                    called.add(inner.func.attr)
    for _ in raises:  # as far as the longest chain of calls
        for name, called in calls.items():
            private = {other for other in called & raises.keys() if other.startswith("_")}
            raises[name] |= {each for other in private for each in raises[other]}
    return {name: found & ON_PURPOSE for name, found in raises.items()}


def ancestors(name: str) -> set[str]:
    error = getattr(errors, name, None) or getattr(builtins, name)
    return {each.__name__ for each in error.__mro__}


@pytest.mark.parametrize("owner", [*OWNERS, *map(errors.__dict__.get, errors.__all__)])
def test_every_public_name_has_a_docstring_of_its_own(owner: object) -> None:
    assert isinstance(owner, type | FunctionType)
    assert owner.__doc__ and owner.__doc__.strip()
    # What a dataclass gets by itself.
    assert not owner.__doc__.startswith(f"{owner.__name__}(")


@pytest.mark.parametrize("name", MEMBERS)
def test_every_public_method_and_property_has_a_docstring(name: str) -> None:
    assert inspect.cleandoc(MEMBERS[name].__doc__ or "")


@pytest.mark.parametrize("owner", [*NAMED, EngineProcess, Events, Timeline, Metrics, History])
def test_every_public_class_and_function_says_its_thread(owner: Callable[..., object]) -> None:
    assert re.search(r"\bthreads?\b", owner.__doc__ or ""), "which thread may call it?"


@pytest.mark.parametrize("name", SAID_BY)
def test_what_is_raised_on_purpose_is_told(name: str) -> None:
    tells, function = SAID_BY[name]
    said = told(inspect.cleandoc(tells.__doc__ or ""), "Raises")
    # A dataclass's own __init__ is in no source.
    for error in raised_in(function.__module__).get(function.__name__, ()):
        assert ancestors(error) & said, f"{name} raises {error} and does not say so"


@pytest.mark.parametrize("name", SAID_BY)
def test_what_is_told_to_be_raised_exists(name: str) -> None:
    tells, _ = SAID_BY[name]
    for error in told(inspect.cleandoc(tells.__doc__ or ""), "Raises"):
        assert error in errors.__all__ or hasattr(builtins, error)


@pytest.mark.parametrize("name", SAID_BY)
def test_the_arguments_told_are_those_there_are(name: str) -> None:
    tells, function = SAID_BY[name]
    said = told(inspect.cleandoc(tells.__doc__ or ""), "Args")
    there = set(inspect.signature(function).parameters) - {"self", "cls"}
    assert not said or said == there
