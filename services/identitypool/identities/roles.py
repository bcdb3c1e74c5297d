"""Which roles a pool's identities may take: GetIdentityPoolRoles and SetIdentityPoolRoles."""

from services.identitypool.context import Call, signed
from services.identitypool.errors import InvalidParameter
from services.identitypool.iam import arns
from services.identitypool.iam.store.roles import role_with_arn
from services.identitypool.pools import store
from services.identitypool.pools.operations import own_pool, pool_arn
from services.identitypool.pools.pool import (
    COGNITO_IDENTITY,
    AttachedRole,
    Mapping,
    Roles,
    Rule,
    Settings,
    user_pool_of,
)
from services.identitypool.service import cognito_identity
from shared.aws.api import cognito_identity as api
from shared.sql.engine import Tx


@cognito_identity.operation(resource=pool_arn, in_place=True)
def get_identity_pool_roles(call: Call, request: api.GetIdentityPoolRolesRequest) -> api.GetIdentityPoolRolesResponse:
    """The roles and mappings as they were set."""
    with call.context.sql.read() as tx:
        found = own_pool(tx, call, request.identity_pool_id)
    mappings = {name: _shown(mapping) for name, mapping in found.roles.mappings.items()}
    return api.GetIdentityPoolRolesResponse(
        identity_pool_id=found.id,
        roles={kind: role.arn for kind, role in found.roles.default.items()},
        role_mappings=mappings or None,
    )


@cognito_identity.operation(resource=pool_arn)
def set_identity_pool_roles(call: Call, request: api.SetIdentityPoolRolesRequest) -> api.SetIdentityPoolRolesResponse:
    """Replaces the roles and mappings; the caller must be allowed to pass each role (iam:PassRole)."""
    for role_arn in _named(request):
        _check_passed(call, role_arn)
    with call.write() as tx:
        found = own_pool(tx, call, request.identity_pool_id, lock=True)
        for name in request.role_mappings or {}:
            _check_configured(name, found.settings, call.context.settings.userpool_base)
        roles = Roles(
            default={kind: _attached(tx, role_arn) for kind, role_arn in request.roles.items()},
            mappings={name: _mapping(tx, name, given) for name, given in (request.role_mappings or {}).items()},
        )
        store.set_roles(tx, found, roles)
    return api.SetIdentityPoolRolesResponse()


def _named(request: api.SetIdentityPoolRolesRequest) -> list[str]:
    """Every role in the request, once."""
    rules = [
        rule.role_arn
        for mapping in (request.role_mappings or {}).values()
        if mapping.rules_configuration is not None
        for rule in mapping.rules_configuration.rules
    ]
    return list(dict.fromkeys([*request.roles.values(), *rules]))


def _check_passed(call: Call, role_arn: str) -> None:
    """Raises InvalidParameter for what is no role of the caller's account, AccessDenied without iam:PassRole on it."""
    parts = arns.parse(role_arn)
    if parts is None or parts.kind != "role":
        raise InvalidParameter(f"Invalid role ARN: {role_arn}")
    if parts.account != call.caller.account:
        raise InvalidParameter("Cross-account pass role is not allowed.")
    keys = {**call.keys, "iam:passedtoservice": COGNITO_IDENTITY}
    call.context.guard.authorize(signed(call), "iam:PassRole", role_arn, keys)


def _check_configured(name: str, settings: Settings, userpool_base: str) -> None:
    """Raises InvalidParameter unless `<provider>:<client id>` is a provider of the pool, in either spelling."""
    provider, _, client_id = name.rpartition(":")
    user_pool = user_pool_of(provider, userpool_base)
    if user_pool is None or not any(
        client_id == one.client_id and user_pool == user_pool_of(one.name, userpool_base) for one in settings.providers
    ):
        raise InvalidParameter(f"{name} is not a valid RoleMapping ProviderName or is not a configured provider.")


def _attached(tx: Tx, role_arn: str) -> AttachedRole:
    """The role with its unique id; one that does not exist yet is kept by its ARN alone."""
    found = role_with_arn(tx, role_arn)
    return AttachedRole(role_arn, None if found is None else found.id)


def _mapping(tx: Tx, name: str, given: api.RoleMapping) -> Mapping:
    if given.ambiguous_role_resolution is None:
        raise InvalidParameter(f"AmbiguousRoleResolution is required in the mapping of {name}.")
    if given.type == "Token":
        if given.rules_configuration is not None:
            raise InvalidParameter(f"RulesConfiguration goes with Type Rules only, in the mapping of {name}.")
        return Mapping("Token", given.ambiguous_role_resolution)
    if given.rules_configuration is None:
        raise InvalidParameter(f"RulesConfiguration is required in the mapping of {name}.")
    rules = tuple(
        Rule(rule.claim, rule.match_type, rule.value, _attached(tx, rule.role_arn))
        for rule in given.rules_configuration.rules
    )
    return Mapping("Rules", given.ambiguous_role_resolution, rules)


def _shown(mapping: Mapping) -> api.RoleMapping:
    rules = [
        api.MappingRule(claim=rule.claim, match_type=rule.match, value=rule.value, role_arn=rule.role.arn)
        for rule in mapping.rules
    ]
    return api.RoleMapping(
        type=mapping.kind,
        ambiguous_role_resolution=mapping.ambiguous,
        rules_configuration=api.RulesConfigurationType(rules=rules) if rules else None,
    )
