"""A page that heard a take, made by hand: when each chunk arrived, was decoded and sounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cartesia_nb.speech.listening import Arrival, Decoded, DrySpell, Listening, Placed, Span
from cartesia_nb.speech.take import Take


@dataclass
class FixedClock:
    """A page's clock that is ``offset`` behind the kernel's, known to ``error`` seconds."""

    offset: float = 900.0
    error: float | None = 0.004

    def place(self, moment: float) -> Placed | None:
        return None if self.error is None else Placed(moment + self.offset, self.error)


def listen(
    take: Take,
    *,
    clock: FixedClock | None = None,
    way: float = 0.006,
    way_of: Mapping[int, float] | None = None,
    decoding: float = 0.003,
    prebuffer: float = 0.1,
    held: float = 0.0,
    output_error: float | None = 0.001,
) -> Listening:
    """Let a page play ``take``: it begins with ``prebuffer`` in hand and waits where it runs dry.

    Args:
        take: whose chunks have been received.
        clock: where the page's moments are placed.
        way: seconds from the kernel to the page.
        way_of: more seconds, for single chunks.
        decoding: seconds from arrival to the output.
        prebuffer: seconds of audio that the page waits to have in hand.
        held: seconds for which it waits for its turn.
        output_error: how far off the output's latency may be.
    """
    clock = clock or FixedClock()
    timeline = take.timeline
    rate, size = take.sample_rate, timeline.bytes_per_sample
    arrivals: list[Arrival] = []
    decoded: list[Decoded] = []
    spans: list[Span] = []
    dry: list[DrySpell] = []
    at = sounds = 0.0
    chunks = timeline.chunks
    for index, chunk in enumerate(chunks):
        end = chunk.offset + chunk.size
        timeline.add_sent(end, chunk.received + 0.002)
        more = (way_of or {}).get(index, 0.0)
        at = max(at, chunk.received + 0.002 + way + more - clock.offset)
        arrivals.append(Arrival(end, at))
        decoded.append(Decoded(end // size, at + decoding))
    handed = [row.at or 0.0 for row in decoded]
    enough = (at for row, at in zip(decoded, handed, strict=True) if row.end / rate >= prebuffer)
    begins = next(enough, at + decoding)
    for chunk, row, ready in zip(chunks, decoded, handed, strict=True):
        first, count = chunk.offset // size, row.end - chunk.offset // size
        if not spans:
            sounds = begins + held + 0.02
            spans.append(Span(first, count, sounds))
        elif ready > sounds:
            dry.append(DrySpell(chunk.start, sounds, ready))
            sounds = ready
            spans.append(Span(first, count, sounds))
        else:
            last = spans[-1]
            spans[-1] = Span(last.sample, last.count + count, last.audible)
        sounds += count / rate
    listening = Listening("page", 1, clock, rate)
    listening.asked = handed[0] - decoding + held if handed else None
    listening.add_arrivals(arrivals)
    listening.add_decoded(decoded)
    listening.add_spans(spans)
    listening.add_dry(dry)
    listening.prebuffer = prebuffer
    listening.output, listening.output_latency = "worklet 44100 Hz", 0.02
    listening.output_error = output_error
    timeline.listenings = (*timeline.listenings, listening)
    return listening
