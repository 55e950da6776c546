"""What Cartesia's WebSocket protocol allows, as data: encodings, limits and names.

Nothing here does I/O. Both sides read it: the client in ``cartesia_nb.speech`` and the
built-in engine in ``cartesia_nb.engine``.
"""
