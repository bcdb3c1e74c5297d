"""The guard: a signed request becomes a Caller, and the policy engine's answer becomes a Decision.

sigv4.py: is this signature right? (verify, check, derive_key). signed_request.py: what the signature claims, read from
the header or the presigned query. sigv2.py: the older presigned URLs, which only the authorizer can check.
canonical.py: the text that is signed. chunked.py: bodies that SDKs send to S3 in signed or checksummed chunks.
checksum.py: the checksums themselves. caller.py: who signed, and the condition keys that follow from it. refusals.py:
every way a signature or body is refused. All of these are pure: no clock, store or socket.
guard.py: who signed, and may they. remote.py: the same asked of the identity pool's authorizer, in the words of
authorizer_wire.py, and kept briefly.
"""
