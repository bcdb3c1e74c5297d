"""What Cognito lacks: settings of a pool that AWS's APIs do not have, under /admin/v1/.

routes.py: the calls and the permissions they need. pool_settings.py: what they do.
"""
