"""Sign-in: from a name and a proof to tokens.

step.py: what must be proved next; the one place that decides. lockout.py: whether a password may be tried now.
"""
