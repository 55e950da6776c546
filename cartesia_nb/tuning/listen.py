"""Takes beside each other, to go from one to the other in the middle of a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import anywidget
import traitlets

from cartesia_nb.errors import CartesiaNbError, SettingsError
from cartesia_nb.speaker import pagehalf
from cartesia_nb.speaker.speaker import STATIC, Speaker
from cartesia_nb.speech.recording import Recording
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.wording import plain
from cartesia_nb.tuning.candidates import Given, candidates, same_text
from cartesia_nb.tuning.places import Spoken, places
from cartesia_nb.tuning.stimuli import Measured

MOST: Final = 9
"""Takes that can be listened to at once: each has a key."""

BY_SHARE: Final = (
    "There are no words that all of them have, so switching goes to the same share of the speech."
)
DIFFERENT: Final = "They do not say the same."


class Stage(anywidget.AnyWidget):
    """What a page shows to switch between stimuli: of listening and of blind tests.

    A widget: to be made, closed and assigned to in the kernel's main thread. Its traits are the
    page's; no sound is in one.
    """

    _esm = STATIC / "listening.js"

    speaker_id = traitlets.Unicode().tag(sync=True)
    speaker = traitlets.Unicode(help="The Speaker's widget, for the host to find.").tag(sync=True)
    label = traitlets.Unicode(help="What is shown when the Speaker is not there.").tag(sync=True)
    mode = traitlets.Enum(("listen", "ab", "abx"), "listen").tag(sync=True)
    stimuli: traitlets.List[dict[str, str]] = traitlets.List(
        help="The take's id and the name of each."
    ).tag(sync=True)
    places: traitlets.List[list[float]] = traitlets.List(
        help="Where each anchor lies in each, in seconds."
    ).tag(sync=True)
    words: traitlets.List[list[str | int]] = traitlets.List(
        help="Which words begin at which anchor."
    ).tag(sync=True)
    note = traitlets.Unicode(help="What is to be known beside, in a line.").tag(sync=True)
    trial = traitlets.Int(0, help="From 1; 0 where there are none.").tag(sync=True)
    trials = traitlets.Int(0).tag(sync=True)
    question = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    phase = traitlets.Enum(("asking", "done"), "asking").tag(sync=True)
    results = traitlets.List(traitlets.Unicode(), help="Lines shown when done.").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        speaker = Speaker.current()
        if speaker is None:
            raise CartesiaNbError("To listen to takes needs a notebook to be shown in.")
        self._speaker: Speaker = speaker
        pagehalf.hold(self)
        super().__init__(
            speaker_id=speaker.speaker_id, speaker=f"anywidget:{speaker.model_id}", **traits
        )

    def know(self, recording: Recording) -> None:
        """Let pages ask for a stimulus, for as long as somebody holds it. Any thread."""
        self._speaker.know(recording)

    def forget(self, recording: Recording) -> None:
        """Let go of a stimulus: no page gets any more of it. Any thread."""
        self._speaker.forget(recording)


class Listening(Stage):
    """Takes to be listened to beside each other. Made by ``listen``.

    A widget: to be made and closed in the kernel's main thread. The takes are kept as long as it
    is open.

    Attributes:
        takes: in the order in which they are shown.
        labels: what each is called.
    """

    def __init__(self, takes: Sequence[Take], labels: Sequence[str]) -> None:
        self.takes = tuple(takes)
        self.labels = tuple(labels)
        common = places([Spoken.of(take.samples, take.sample_rate, take.words) for take in takes])
        super().__init__(
            label=f"{len(self.takes)} takes to listen to: {', '.join(self.labels)}",
            mode="listen",
            stimuli=[
                {"take": take.id, "name": label}
                for take, label in zip(self.takes, self.labels, strict=True)
            ],
            places=[list(row) for row in common.seconds],
            words=[[plain(spelled[0]), index] for spelled, index in common.words],
            note=" ".join(_notes(self.takes, self.labels, common.by_words)),
        )
        for take in self.takes:
            self.know(take._recording)

    def __repr__(self) -> str:
        return f"<Listening: {', '.join(self.labels)}>"


def listen(takes: Given, *, labels: Sequence[str] | None = None) -> Listening:
    """Listen to takes beside each other: switch between them in the middle of a sentence, to the
    same word of the other. Shown as a cell's last expression. In the kernel's main thread.

    They are heard as they are: not matched in loudness, of which a line says by how much they
    differ. Words are matched by their times; takes without, or without a word that all have,
    are switched at the same share of their speech, which is said too.

    Args:
        takes: two to nine takes that have ended; or a mapping of label to take.
        labels: what each is called; by default what their settings differ in.

    Raises:
        SettingsError: fewer than two or more than nine, one twice, one that is still being spoken
            or has no audio, or labels that are not one for each, or the same twice.
        CartesiaNbError: there is no notebook to be shown in.
    """
    rows = [
        (take, candidate.label if len(candidate.takes) == 1 else f"{candidate.label} {number}")
        for candidate in candidates(takes, labels)
        for number, take in enumerate(candidate.takes, 1)
    ]
    if len(rows) > MOST:
        raise SettingsError(
            f"{len(rows)} takes are too many to listen to at once; give at most {MOST}, such as "
            f"takes[:{MOST}]. A sweep's gallery() shows any number."
        )
    seen: dict[str, str] = {}
    for take, label in rows:
        if take.id in seen:
            raise SettingsError(
                f"{seen[take.id]!r} and {label!r} are the same take; give each take once."
            )
        seen[take.id] = label
    return Listening([take for take, _ in rows], [label for _, label in rows])


def _notes(takes: Sequence[Take], labels: Sequence[str], by_words: bool) -> list[str]:
    said = [_loudness(takes, labels)]
    if not same_text(takes):
        said.append(DIFFERENT)
    if not by_words:
        said.append(BY_SHARE)
    return said


def _loudness(takes: Sequence[Take], labels: Sequence[str]) -> str:
    measured = [Measured.of(take.samples, take.sample_rate) for take in takes]
    found = {
        label: each.loudness
        for label, each in zip(labels, measured, strict=True)
        if each.loudness is not None
    }
    if len(found) < 2:
        why = next(each.why for each in measured if each.why)
        return f"Loudness as it is; by how much they differ can't be said ({why.rstrip('.')})."
    loudest, softest = max(found, key=found.__getitem__), min(found, key=found.__getitem__)
    apart = found[loudest] - found[softest]
    if apart < 0.05:
        return "Loudness as it is; they are equally loud."
    return f"Loudness as it is; {loudest} is {apart:.1f} LU louder than {softest}."
