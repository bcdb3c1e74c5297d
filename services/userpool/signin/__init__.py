"""Sign-in: from a name and a proof to tokens.

step.py: what must be proved next; the one place that decides. flow.py: begin, answer, hand out tokens. session.py: the
sealed attempt between two calls. challenges/: one file per ChallengeName. person.py: who is meant, or a decoy of equal
cost. operations.py: InitiateAuth, RespondToAuthChallenge and their Admin twins. sessions.py: what somebody signed in
may do with their sessions and password. parts.py: the process-wide objects, put together once.
"""
