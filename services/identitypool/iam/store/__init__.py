"""IAM's SQL, a file per resource. Functions take a transaction and give the frozen records of `iam/records.py`.

accounts.py: accounts, aliases, the first account. users.py groups.py roles.py: by name, by unique id, lists.
policies.py: managed policies and their versions, AWS's own included. attachments.py: managed policies of a principal.
inline.py: inline policies. access_keys.py: keys and the index that finds them. tags.py: tags of anything.
effective.py: every policy text that binds a principal, and its boundary; what an authorizer reads.
emptying.py: the reset of test mode. columns.py: what reading rows and lists has in common.

`find_x` gives None where there is nothing. `lock_x` does as `find_x` and keeps others from changing the row until the
transaction ends.
"""
