"""`poolkeeper env`: the environment that points unmodified AWS clients at this installation."""

import shlex

from services.command.init import first_account, open_installation
from services.command.parts import IDENTITYPOOL
from services.command.root_key import new_key
from services.identitypool.iam import bootstrap
from shared.house import clock_of
from shared.settings import Settings


class NoAdministratorKey(Exception):
    """The key that `init` made is gone."""


def variables(settings: Settings, *, root: bool) -> dict[str, str]:
    """Endpoints, region and the administrator's key; with `root` a root access key, made if there is none.

    Raises NotInitialised, NoMasterKey, NoAdministratorKey.
    """
    key = _key(settings, root=root)
    return {
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": settings.userpool_base,
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY": settings.identitypool_base,
        "AWS_ENDPOINT_URL_STS": settings.identitypool_base,
        "AWS_ENDPOINT_URL_IAM": settings.identitypool_base,
        "AWS_ENDPOINT_URL_S3": settings.demo_base,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret.reveal(),
        "AWS_REGION": settings.region,
        "AWS_DEFAULT_REGION": settings.region,  # boto3 and the AWS CLI 1 read this one alone
    }


def _key(settings: Settings, *, root: bool) -> bootstrap.Credentials:
    keys, sql = open_installation(settings, IDENTITYPOOL)
    with sql.write() as tx:
        account = first_account(tx)
        if root:
            return bootstrap.root_key(tx, keys, account) or new_key(tx, keys, account, clock_of(settings)())
        key = bootstrap.administrator_key(tx, keys)
    if key is None:
        raise NoAdministratorKey(
            "the administrator's first access key was deleted or made inactive; use one of its own, or `env --root`"
        )
    return key


def as_shell(values: dict[str, str]) -> str:
    """`export NAME=value` lines."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def as_profile(values: dict[str, str], name: str) -> str:
    """The same as a profile of ~/.aws/config with a services section."""
    services = {
        "cognito_identity_provider": values["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"],
        "cognito_identity": values["AWS_ENDPOINT_URL_COGNITO_IDENTITY"],
        "sts": values["AWS_ENDPOINT_URL_STS"],
        "iam": values["AWS_ENDPOINT_URL_IAM"],
        "s3": values["AWS_ENDPOINT_URL_S3"],
    }
    lines = [
        f"[profile {name}]",
        f"region = {values['AWS_REGION']}",
        f"aws_access_key_id = {values['AWS_ACCESS_KEY_ID']}",
        f"aws_secret_access_key = {values['AWS_SECRET_ACCESS_KEY']}",
        f"services = {name}",
        "",
        f"[services {name}]",
    ]
    for service, url in services.items():
        lines += [f"{service} =", f"  endpoint_url = {url}"]
    return "\n".join(lines) + "\n"
