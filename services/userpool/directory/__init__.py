"""Who a pool's people are: users, their attributes and names, groups.

user.py: the records. aliases.py: what names a user answers to, and what ListUsers finds them by. attributes.py: what
may be written into an attribute, and by whom. filters.py: the filter language of ListUsers. shown.py: records as AWS
gives them. store/: their SQL. operations/: the administrators' calls on users, lists and groups.
"""
