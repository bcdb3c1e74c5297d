"""IAM: the account with its users, groups, roles, policies and access keys.

operations/: what the wire may call, a file per resource. store/: the SQL, alike. records.py: what is kept.
bootstrap.py: the first account and its administrator; the root user's key. aws_managed/: the policies that AWS manages,
as JSON texts. secrets_at_rest.py: how a key's secret is kept.
What operations share: entities.py (a thing by its name, or the refusal), resources.py (what each request is asked on,
and its condition keys), lists.py (pages), shown.py (records as the API shows them), trust.py (trust policies between
wire and store).
Rules: arns.py (reading IAM's ARNs), trust_principals.py (ARNs and unique ids in trust policies), quotas.py (how much
there may be).
Stands on shared.policy; knows no tokens and no sessions.
"""
