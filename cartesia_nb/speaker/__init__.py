"""Sound for the notebook's page: one Speaker per kernel, its messages and their pacing."""
