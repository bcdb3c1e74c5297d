"""The authorizer: what an access key stands for, and which policies bind whoever holds it.

bound.py: keys and sessions looked up in IAM's own tables. grants.py: the same as the guard of this service wants it.
internal.py: the same for the guards of other services, sealed; it is the one answer that all of them build on, and where
they report what they have seen. last_used.py: when keys and roles were last used.
"""
