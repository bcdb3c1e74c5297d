"""The user directory: who people are, how they prove it, and the tokens they get for it."""
