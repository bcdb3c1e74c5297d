"""Passwords: every way a password is proved or judged.

srp.py: SRP-6a as the Cognito clients speak it, numbers in and numbers out; a plain password against a verifier.
group.py: the arithmetic under it, with gmpy2 and a table of powers of g. libcrypto.py: powers in constant time.
argon2.py: argon2id on a bounded pool of hashing threads.
verifier.py: the stored record of a password (kinds `srp` and `argon2id`), sealed; how it is made and judged.
decoy.py: the record of somebody who does not exist, of equal cost.
lockout.py: whether a password may be tried now.
policy.py: what a pool asks of a new password; temporary passwords; the history of earlier ones.

Knows no HTTP, no SQL, no clock and no randomness: random bytes, times and the seal come in as arguments.
"""
