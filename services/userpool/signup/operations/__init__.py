"""The calls of sign-up. sign_up.py: SignUp and its confirmation. recovery.py: forgotten passwords.

invitations.py: AdminCreateUser. attributes.py: users' own attributes and the proof of addresses.
"""

from services.userpool.signup.operations import attributes, invitations, recovery, sign_up

__all__ = ["attributes", "invitations", "recovery", "sign_up"]
