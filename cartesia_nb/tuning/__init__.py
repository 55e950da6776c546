"""Choosing by ear, eye and numbers: the tuner, sweeps, and listening tests."""
