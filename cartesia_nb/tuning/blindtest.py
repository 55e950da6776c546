"""Blind tests: which of two takes is preferred, and whether they can be told apart at all."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator, Iterable, Sequence
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Final

from traitlets.utils.bunch import Bunch

from cartesia_nb.errors import SettingsError, WaitTimeout
from cartesia_nb.speaker.speaker import let_answers_in
from cartesia_nb.speech import loops
from cartesia_nb.speech.wording import count
from cartesia_nb.tuning.answerfile import AnswerFile, Record, identity
from cartesia_nb.tuning.candidates import Candidate, Given, candidates, same_text
from cartesia_nb.tuning.listen import BY_SHARE, Stage
from cartesia_nb.tuning.mainthread import MainThread
from cartesia_nb.tuning.scores import Results
from cartesia_nb.tuning.sitting import CHOICES, Sitting
from cartesia_nb.tuning.stimuli import Measured, Stimuli, common_rate, possible, samples_of, stimuli
from cartesia_nb.tuning.trials import KINDS, Kind, Trial, balanced

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_TRIALS: Final = 10_000
PATIENCE_S: Final = 3600.0

_QUESTIONS: Final[dict[Kind, str]] = {
    "ab": "Which do you prefer, A or B?",
    "abx": "X is one of the two. Which, A or B?",
}
_DIFFERENT: Final = "In some trials the two do not say the same, which tells them apart as well."


class BlindTest:
    """A blind test: takes are compared with their names hidden. Made by ``blind_test``, and shown
    as a cell's last expression.

    In each trial a page plays A and B, and in an abx test X, which is one of the two. They are new
    recordings with random ids, brought to one sample rate where the takes' differ, to one loudness
    (ITU-R BS.1770, by gain alone), dithered to 16 bit, each with a silence of its own before it and
    filled up with silence until all are equally long; nothing that is sent to a page names a take,
    a label or a setting. What no test can hide is the sound itself: a program that compares X's
    samples with A's, or where its words lie, finds out what a person is asked to hear.

    A page is told the results when the last trial is answered, and not before: who learns in an
    abx test what was right goes on listening for it. ``records`` and ``results()`` can be read in
    Python at any time; they are of trials that were answered. What X is to be is drawn for each
    trial by itself.

    Answers count once: those to a trial that is over, from another tab or sent again, are left
    out. While a cell runs an answer is taken where the notebook lets it through (JupyterLab 4.4
    and later with ipykernel 7); the next trial is shown when the cell has ended, and the page says
    that it waits.

    To be made and closed in the kernel's main thread; the rest may be called in any thread.
    ``await test`` waits for the last answer without blocking the kernel.

    Attributes:
        kind: ``ab`` or ``abx``.
        labels: of those that are compared.
        widget: what is shown; of what it knows a page knows all.
    """

    def __init__(
        self, compared: Sequence[Candidate], kind: Kind, trials: int, file: AnswerFile | None
    ) -> None:
        self.kind: Kind = kind
        self.labels = tuple(candidate.label for candidate in compared)
        self._compared = tuple(compared)
        texts = len(compared[0].takes)
        takes = [take for candidate in compared for take in candidate.takes]
        self._rate = common_rate(takes)
        measured = [Measured.of(samples_of(take, self._rate), self._rate) for take in takes]
        self._target = possible(measured)
        self._remarks = self._remarks_on(measured)
        # Before the file, which is not to be made where there is no notebook.
        self.widget = Stage(
            label=f"A blind test of {count(trials, 'trial')}",
            mode=kind,
            trials=trials,
            question=_QUESTIONS[kind],
            choices=list(CHOICES),
        )
        given = [] if file is None else file.open(identity(kind, compared, trials))
        self._sitting = Sitting(kind, self.labels, texts, trials, records=given, file=file)
        self._shown: int | None = None
        self._held: Stimuli | None = None
        self._main = MainThread()
        self._thread = threading.current_thread()
        self._show()
        self.widget.on_msg(self._on_page_message)
        self.widget.observe(self._on_closed, "comm")
        let_answers_in(self.widget)

    @property
    def done(self) -> bool:
        """Whether all trials are answered."""
        return self._sitting.done

    @property
    def records(self) -> list[Record]:
        """The answers given so far: see ``to_records``."""
        return self._sitting.records()

    def to_records(self) -> list[Record]:
        """The answers given so far as a list of plain dicts, for ``pandas.DataFrame`` and the like.

        ``trial`` counts from 1; ``a`` and ``b`` are the labels of the pair, in the order in which
        they were given; ``text_number`` counts the texts from 1; ``shown_first`` is the label that
        was shown as A; ``x`` what X was (``None`` in an ab test); ``chosen`` the label that was
        chosen, and ``correct`` whether X is that (``None`` in an ab test). ``seconds`` is how long
        it took since the trial was shown, ``switches`` how often the page went from one to
        another, ``heard_a``, ``heard_b`` and ``heard_x`` are seconds that each was heard, of ``a``,
        ``b`` and X; a page that does not say leaves them ``None``. ``when`` is the moment (ISO
        8601, UTC).
        """
        return self._sitting.records()

    def results(self) -> Results:
        """What the answers so far come to: for each pair how often one was preferred (ab) or X
        named rightly (abx), with a 95 % interval and the binomial p. ``print`` it.

        The p of an ab test is two-sided, that of an abx test one-sided. With several texts there
        is a line for all of them together and one for each. p holds for the number of trials that
        was fixed beforehand, so not before all are answered. That of an ab test supposes that each
        answer is given for itself: a habit of choosing A makes p too large, as both are shown as A
        equally often; who takes care to choose A and B equally often can make it too small.
        """
        return self._sitting.results(self._remarks)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the results so far: shares and their intervals.

        Args:
            ax: where to draw; a new figure if ``None``.
        """
        from cartesia_nb.plots.preference import plot_preference

        return plot_preference(self.results(), ax)

    def wait(self, timeout: float = PATIENCE_S) -> Results:
        """Block until all trials are answered; in a cell, ``await test`` does the same and lets the
        kernel work. An interrupt stops the waiting, and nothing else.

        Needs a notebook whose answers come through while a cell runs; where they do not, leave
        this out and ask for ``results()`` in a later cell.

        Args:
            timeout: seconds, 0 or more.

        Raises:
            WaitTimeout: the time ran out; the test goes on.
            RuntimeError: on the network loop, which a wait would stop.
        """
        loops.refuse_here()
        sitting, end = self._sitting, time.monotonic() + timeout
        main = threading.current_thread() is self._thread
        with loops.interruptible():
            while not sitting.done:
                with sitting.changed:
                    left = end - time.monotonic()
                    sitting.changed.wait(max(min(left, loops.POLL_S), 0.0))
                if main:  # its loop stands still, and the next trial is to be shown
                    self._show()
                if left <= 0 and not sitting.done:
                    raise self._too_long(timeout)
        return self.results()

    def __await__(self) -> Generator[None, None, Results]:
        return self._answered().__await__()

    async def _answered(self) -> Results:
        end = time.monotonic() + PATIENCE_S
        while not self._sitting.done:
            if time.monotonic() >= end:
                raise self._too_long(PATIENCE_S)
            await asyncio.sleep(loops.POLL_S)
        return self.results()

    def _too_long(self, seconds: float) -> WaitTimeout:
        return WaitTimeout(
            f"{self._sitting.answered} of {self._sitting.trials} trials were answered within "
            f"{seconds:g} s; the test goes on. Where answers can't come in while a cell runs, ask "
            "for results() in a later cell."
        )

    def _on_page_message(self, widget: object, content: object, buffers: object) -> None:
        # Called in the main thread or in one of a subshell.
        if not isinstance(content, dict) or content.get("type") != "answer":
            return
        if self._sitting.answer(content):
            self._main.here(self._show)

    def _show(self) -> None:
        """Show the trial that is asked now, or the results. In the main thread."""
        asked, widget = self._sitting.current, self.widget
        number = 0 if asked is None else asked[0]
        if number == self._shown or widget.comm is None:
            return
        before, self._held = self._held, None if asked is None else self._cut(asked[1])
        now = self._held
        recordings = () if now is None else now.recordings
        # In one message, so that no page sees a half of it.
        with widget.hold_sync():
            widget.stimuli = [
                {"take": recording.id, "name": name}
                for recording, name in zip(recordings, (*CHOICES, "X"), strict=False)
            ]
            widget.places = [] if now is None else now.places
            widget.words = [] if now is None else [list(word) for word in now.words]
            widget.note = " ".join(self._notes(now))
            widget.trial = number
            if now is None:
                widget.results = self.results().lines()
                widget.phase = "done"
        self._shown = number
        self._forget(before)

    def _cut(self, trial: Trial) -> Stimuli:
        order = [trial.first, trial.second, *([] if trial.x is None else [trial.x])]
        made = stimuli(
            [self._compared[index].takes[trial.text] for index in order], self._rate, self._target
        )
        for recording in made.recordings:
            self.widget.know(recording)
        return made

    def _forget(self, made: Stimuli | None) -> None:
        for recording in () if made is None else made.recordings:
            self.widget.forget(recording)

    def _notes(self, made: Stimuli | None) -> list[str]:
        said = list(self._remarks)
        if made is not None and not made.by_words:
            said.append(BY_SHARE)
        if self.kind == "abx" and made is not None:
            said.append("What was right is told at the end.")
        trouble = self._sitting.trouble
        if trouble is not None:
            said.append(trouble)
        return said

    def _remarks_on(self, measured: Iterable[Measured]) -> list[str]:
        """What is to be known of the test as a whole; a page sees it, so nothing is named."""
        rows = list(measured)
        failed = [each.why.rstrip(".") for each in rows if each.why]
        said = []
        if self._target is not None:
            said.append(f"Loudness matched to {self._target:.1f} LUFS.")
        if failed:
            of = f"{len(failed)} of {len(rows)} takes"
            said.append(f"Loudness: cannot match {of}: {'; '.join(dict.fromkeys(failed))}.")
        if len({take.sample_rate for each in self._compared for take in each.takes}) > 1:
            said.append("All are brought to one sample rate.")
        texts = zip(*(candidate.takes for candidate in self._compared), strict=True)
        if not all(same_text(row) for row in texts):
            said.append(_DIFFERENT)
        return said

    def close(self) -> None:
        """Take it away from the page. What was answered stays."""
        self.widget.close()

    def _on_closed(self, change: Bunch) -> None:
        if self.widget.comm is None:
            held, self._held = self._held, None
            self._forget(held)

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict[str, object]]:
        shown = self.widget._repr_mimebundle_()
        data, metadata = ({}, {}) if shown is None else shown
        return {**data, "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        sitting = self._sitting
        return f"<BlindTest {self.kind}: {sitting.answered} of {sitting.trials} trials answered>"


def blind_test(
    takes: Given,
    kind: Kind = "ab",
    *,
    trials: int | None = None,
    file: str | Path | None = None,
) -> BlindTest:
    """Compare takes blind: their names are hidden, they are equally loud, and which is which is
    drawn anew for each trial. In the kernel's main thread.

    Args:
        takes: two or more takes that have ended; or a mapping of label to take, or to a sequence of
            takes, of which the n-th of each say the same text. Each is compared with each other.
        kind: ``ab`` asks which is preferred, ``abx`` whether they can be told apart.
        trials: how many, 1 to 10,000; unless said 16 or more, so many that each pair comes
            equally often with each text and on each side.
        file: where answers are kept, a line of JSON each, written as they are given. With the same
            file and takes of the same sound the test goes on where it was, in another kernel too.

    Raises:
        SettingsError: fewer than two takes, one that is still being spoken or has no audio, labels
            that are the same, not equally many takes for each, an argument that makes no sense, or
            a file that is of another test or can't be read or written.
        CartesiaNbError: there is no notebook to be shown in.
    """
    if kind not in KINDS:
        raise SettingsError(
            f"kind is {kind!r}; it is 'ab' (which is preferred) or 'abx' (can they be told apart)."
        )
    compared = candidates(takes)
    texts = {len(candidate.takes) for candidate in compared}
    if len(texts) > 1:
        numbers = ", ".join(f"{each.label} has {len(each.takes)}" for each in compared)
        raise SettingsError(
            f"In a blind test the n-th takes of each belong together, but {numbers}; give equally "
            "many of each."
        )
    answers = None if file is None else AnswerFile(file)
    wanted = None if trials is None else _checked_trials(trials)
    if wanted is None and answers is not None:
        wanted = answers.trials()
    if wanted is None:
        wanted = balanced(len(compared), texts.pop())
    return BlindTest(compared, kind, wanted, answers)


def _checked_trials(trials: object) -> int:
    if isinstance(trials, bool) or not isinstance(trials, Integral):
        raise SettingsError(f"trials is {trials!r}; it must be a whole number, such as 16.")
    number = int(trials)
    if not 1 <= number <= MOST_TRIALS:
        raise SettingsError(f"trials is {number}; it must be from 1 to {MOST_TRIALS:,}.")
    return number
