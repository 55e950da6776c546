"""Arrays in, numbers out: what the figures and metrics are computed with.

Nothing here knows of takes, connections or notebooks, and nothing needs more than numpy.
"""
