"""The built-in engine: a server on loopback that speaks Cartesia's protocol.

It runs as a process of its own (``process.EngineProcess``, or ``python -m
cartesia_nb.engine``), so that a busy notebook cell can't distort the latencies it shows.
Nothing is imported here: what a parent needs is in ``process``, the rest runs in the child.
"""
