"""Sign-up, and everything that a code opens: confirmation, forgotten passwords, verified addresses.

operations/: the calls, by subject. names.py: what a new user may be called. codes.py: what a code is and when it is
good. spend.py: the one place where a code is checked and used up. addresses.py: which changed address gets one.
ways.py: which address a code goes to, or is told to have gone to. delivery.py: codes and invitations on their way.
store.py: the SQL. Stands on signin, tokens, directory, clients, pools.
"""
