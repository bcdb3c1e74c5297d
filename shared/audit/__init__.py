"""The audit: who did what, on whom, with what result, from where, under which request id. Append-only (R31).

record.py: what a row says, and what it never says. schema.py: the table, one in each service's database. store.py: its
SQL; rows are added, read and pruned, and nothing else. journal.py: what a service keeps of it: rows of changes written
in the transaction of the change, everything else through buffer.py, which gathers and writes in the background, off the
path of requests. hand_outs.py: credentials handed out, counted. reporter.py: the same for a service that keeps no audit
and reports to the identity pool. uses.py: which keys and roles are in use, told at most once a minute each.
The frame (shared/aws) and the guards of protected services feed it; `poolkeeper audit` reads it.
"""
