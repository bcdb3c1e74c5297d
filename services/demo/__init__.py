"""A protected service of somebody else's: an S3-shaped store that knows nothing of ours but `shared.guard`.

app.py: the process. front.py: the composition; who answers which request. entrance.py: the frame round every S3 call
(authenticate, find the operation, run, word the refusal); bodies.py: the body that was meant, verified. operations.py:
which operation a request means; everything else is refused by name. call.py: what an operation is handed, and how it asks
the guard. buckets.py, objects.py, listing.py, copying.py, deletion.py, multipart/: the operations. store.py: their SQL.
blobs.py: their files; sweeping.py: what killed processes left of them. addressing.py, preconditions.py, layout.py,
headers.py, hoisting.py, grouping.py, numbers.py, documents.py: rules of S3, pure. answers.py: answers with and without a
document. refusals.py: every refusal, and S3's code and status for it. notes.py: a second protected resource, with actions
of its own. pages.py, page/: the page of the three steps. seed.py: what the page needs at the running services, made
through their AWS APIs.
"""
