"""Sign-up, and everything that a code opens: confirmation, forgotten passwords, verified addresses.

operations.py: SignUp and its confirmation. recovery.py: forgotten passwords. invitations.py: AdminCreateUser.
attributes.py: users' own attributes. names.py: what a new user may be called. codes.py: what a code is and when it is
good. spend.py: the one place where a code is checked and used up. delivery.py: codes and invitations on their way.
store.py: the SQL. Stands on signin, tokens, directory, clients, pools.
"""
