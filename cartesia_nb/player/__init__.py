"""The player: a view of one take in a cell."""
