"""The calls that sign in and out. sign_in.py: InitiateAuth and kin. sessions.py: refresh, revoke, the user's own calls."""

from services.userpool.signin.operations import sessions, sign_in

__all__ = ["sessions", "sign_in"]
