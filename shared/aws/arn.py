"""ARNs of what this product serves."""


def user_pool(region: str, account: str, pool_id: str) -> str:
    """ARN of a user pool; `*` for all of an account's."""
    return f"arn:aws:cognito-idp:{region}:{account}:userpool/{pool_id}"


def identity_pool(region: str, account: str, pool_id: str) -> str:
    """ARN of an identity pool; `*` for all of an account's."""
    return f"arn:aws:cognito-identity:{region}:{account}:identitypool/{pool_id}"


def iam(account: str, kind: str, path: str, name: str) -> str:
    """ARN of an IAM user, group, role, policy; `path` begins and ends with a slash."""
    return f"arn:aws:iam::{account}:{kind}{path}{name}"


def root(account: str) -> str:
    """ARN of an account's root user."""
    return f"arn:aws:iam::{account}:root"


def assumed_role(account: str, role_name: str, session_name: str) -> str:
    """ARN of a role session: the role's name without its path."""
    return f"arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}"
