"""The user pool service: who people are, how they prove it, and the tokens they get for it.

Rooms, from the lowest: passwords, pools, clients, directory (users and groups), tokens, signin, signup; pages (keys and
discovery), admin (what AWS has no operation for). schema/: the tables. migrations/: how they came to be.

app.py puts the service together. service.py: the operation table; operations.py loads the rooms that fill it, refused.py
says what is not served. context.py: what a call is handed. errors.py: every refusal. sealed.py: what the database holds
sealed. sweeping.py: what of it is over, and goes.
"""
