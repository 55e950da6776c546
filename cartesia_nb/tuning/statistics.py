"""Exact tests of counts; they live in ``analysis``, where plots find them too."""

from cartesia_nb.analysis.statistics import binomial_p, interval

__all__ = ["binomial_p", "interval"]
