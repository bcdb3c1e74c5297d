"""The policy simulator: what policies would say, for policies that are given or those of a user, group or role.

Nothing of the caller of a simulation takes part in it. API SimulateCustomPolicy, SimulatePrincipalPolicy.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from services.identitypool.context import Call
from services.identitypool.errors import InvalidInput, NoSuchEntity
from services.identitypool.iam import arns, lists, quotas, resources
from services.identitypool.iam.records import Group, PolicyText, User
from services.identitypool.iam.store import effective, groups, roles, users
from services.identitypool.service import iam
from shared.aws.api import iam as api
from shared.policy import simulate as rules
from shared.policy.compiled import Policy, compile_policy, compile_stored
from shared.policy.decision import Matched
from shared.policy.document import Kind, parse
from shared.policy.principal_names import is_account_id
from shared.policy.principals import PrincipalFacts
from shared.policy.statement import MalformedPolicy
from shared.sql.engine import Tx

_BOUNDARY: Final = "PermissionsBoundaryPolicyInputList"
_HANDLING: Final = "ResourceHandlingOption"
_INLINE: Final = frozenset({"user", "group", "role"})
_MOST_MATCHED: Final = 50_000  # statements told in one answer: about 30 MB


@dataclass(frozen=True, slots=True)
class _Source:
    """The user, group or role that is simulated; a group is nobody in particular."""

    policies: tuple[PolicyText, ...]
    boundary: PolicyText | None
    facts: PrincipalFacts | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which page is asked for."""

    marker: str | None
    max_items: int | None


@iam.operation(resource=resources.everything)
def simulate_custom_policy(call: Call, request: api.SimulateCustomPolicyRequest) -> api.SimulatePolicyResponse:
    """Each action on each resource, under the given policies alone."""
    if request.ordered_organization_policy_input_list:
        raise InvalidInput("OrderedOrganizationPolicyInputList needs AWS Organizations.")
    with _as_input():
        policies = rules.custom_policies(request.policy_input_list)
    caller = None if request.caller_arn is None else rules.simulated_caller(request.caller_arn)
    return _answer(call, request, policies, _given_boundary(request), caller)


@iam.operation(resource=resources.of_policy_source)
def simulate_principal_policy(call: Call, request: api.SimulatePrincipalPolicyRequest) -> api.SimulatePolicyResponse:
    """Each action on each resource, under the policies of a user (groups included), group or role, and more."""
    if request.policy_exclusion_list:
        raise InvalidInput("PolicyExclusionList is not supported.")
    with call.context.sql.read() as tx:
        source = _source(tx, call.caller.account, request.policy_source_arn)
    policies = [_compiled(text) for text in source.policies]
    with _as_input():
        policies += rules.custom_policies(request.policy_input_list or [])
    boundary = _given_boundary(request)
    if boundary is None and source.boundary is not None:
        boundary = [_compiled(source.boundary)]
    caller = source.facts if request.caller_arn is None else rules.simulated_caller(request.caller_arn)
    return _answer(call, request, policies, boundary, caller)


@iam.operation(resource=resources.everything)
def get_context_keys_for_custom_policy(
    _call: Call, request: api.GetContextKeysForCustomPolicyRequest
) -> api.GetContextKeysForPolicyResponse:
    """The condition keys and variables that the given policies ask for."""
    with _as_input():
        documents = [parse(text, Kind.SIMULATION) for text in request.policy_input_list]
    return api.GetContextKeysForPolicyResponse(context_key_names=list(rules.context_keys(documents)))


@iam.operation(resource=resources.of_policy_source)
def get_context_keys_for_principal_policy(
    call: Call, request: api.GetContextKeysForPrincipalPolicyRequest
) -> api.GetContextKeysForPolicyResponse:
    """The condition keys and variables that the policies of a user, group or role ask for, and the given ones."""
    with call.context.sql.read() as tx:
        source = _source(tx, call.caller.account, request.policy_source_arn)
    documents = [_compiled(text).document for text in source.policies]
    with _as_input():
        documents += [parse(text, Kind.SIMULATION) for text in request.policy_input_list or []]
    return api.GetContextKeysForPolicyResponse(context_key_names=list(rules.context_keys(documents)))


_Request = api.SimulateCustomPolicyRequest | api.SimulatePrincipalPolicyRequest


@contextmanager
def _as_input() -> Iterator[None]:
    """A policy that is given to be simulated and cannot be read is bad input, not a bad policy of anybody's."""
    try:
        yield
    except MalformedPolicy as error:
        raise InvalidInput(f"Invalid policy document: {error.message}") from None


def _source(tx: Tx, account: str, arn: str) -> _Source:
    parts = arns.parse(arn)
    if not arn.startswith("arn:") or arn.count(":") < 5:
        raise InvalidInput(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    kind = None if parts is None or parts.account != account else parts.kind
    if kind == "user" and (user := users.user_with_arn(tx, arn)) is not None:
        texts = _of_user(tx, user)
        facts = PrincipalFacts(arn=user.arn, account=account, kind="user", unique_id=user.id)
        return _Source(texts, effective.boundary_of_user(tx, account, user.id), facts)
    if kind == "role" and (role := roles.role_with_arn(tx, arn)) is not None:
        texts = _named(effective.identity_policies_of_role(tx, account, role.id), role.name)
        facts = PrincipalFacts(arn=role.arn, account=account, kind="role_session", unique_id=role.id, role_arn=role.arn)
        return _Source(texts, effective.boundary_of_role(tx, account, role.id), facts)
    if kind == "group" and (group := groups.group_with_arn(tx, arn)) is not None:
        return _Source(_of_group(tx, group), None, None)
    raise NoSuchEntity(f"The entity with ARN {arn} cannot be found.")


def _of_user(tx: Tx, user: User) -> tuple[PolicyText, ...]:
    texts = effective.identity_policies_of_user(tx, user.account, user.id)
    own = _named((text for text in texts if text.source_type != "group"), user.name)
    through = groups.list_groups_of_user(tx, user.account, user.id, "", quotas.GROUPS_PER_USER)
    return tuple(dict.fromkeys([*own, *(text for group in through for text in _of_group(tx, group))]))


def _of_group(tx: Tx, group: Group) -> tuple[PolicyText, ...]:
    return _named(effective.identity_policies_of_group(tx, group.account, group.id), group.name)


def _named(texts: Iterable[PolicyText], owner: str) -> tuple[PolicyText, ...]:
    """Inline policies as MatchedStatements call them: what has them, its name and theirs, as in role_Reader_mail."""
    return tuple(
        replace(text, source_id=f"{text.source_type}_{owner}_{text.source_id}") if text.source_type in _INLINE else text
        for text in texts
    )


def _compiled(text: PolicyText) -> Policy:
    """A stored policy; MatchedStatements call a managed one by its plain name."""
    name = text.source_id.rsplit("/", 1)[-1]
    return compile_stored(text.text, Kind.IDENTITY, source_id=name, source_type=rules.IAM_POLICY, version=text.version)


def _given_boundary(request: _Request) -> list[Policy] | None:
    given = request.permissions_boundary_policy_input_list
    if given is None:
        return None
    if len(given) != 1:
        raise InvalidInput(f"{_BOUNDARY} takes exactly one policy.")
    with _as_input():
        return rules.custom_policies(given, _BOUNDARY)


def _answer(
    call: Call,
    request: _Request,
    policies: list[Policy],
    boundary: list[Policy] | None,
    caller: PrincipalFacts | None,
) -> api.SimulatePolicyResponse:
    if not request.action_names:
        raise InvalidInput("ActionNames must name at least one action.")
    if request.resource_handling_option is not None:
        raise InvalidInput(f"{_HANDLING} concerns EC2, which is not simulated.")
    resource_policy = None
    if request.resource_policy is not None:
        with _as_input():
            resource_policy = compile_policy(
                request.resource_policy, Kind.RESOURCE, source_id="ResourcePolicy", source_type=rules.RESOURCE_POLICY
            )
    simulation = rules.Simulation(
        policies=policies,
        actions=tuple(request.action_names),
        resources=tuple(request.resource_arns or ["*"]),
        caller=caller,
        boundary=boundary,
        resource_policy=resource_policy,
        resource_owner=_owner(request.resource_owner),
        entries=_entries(request.context_entries or []),
    )
    page = lists.read(
        call,
        _Asked(request.marker, min(request.max_items or lists.MOST, _most_results(simulation))),
        f"simulation {_fingerprint(simulation)}",
        lambda numbered: str(numbered[0]),
        lambda after, most: _numbered(simulation, int(after) + 1 if after else 0, most),
    )
    return api.SimulatePolicyResponse(
        evaluation_results=[_result(result) for _, result in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


def _most_results(simulation: rules.Simulation) -> int:
    """So many fit into an answer if every statement is matched in each; IAM may give fewer than were asked for."""
    given = [*simulation.policies, *(simulation.boundary or ())]
    if simulation.resource_policy is not None:
        given.append(simulation.resource_policy)
    return max(1, _MOST_MATCHED // max(1, sum(len(policy.document.statements) for policy in given)))


def _numbered(simulation: rules.Simulation, first: int, most: int) -> list[tuple[int, rules.Result]]:
    """No more is worked out than a page shows: actions times resources may be a million."""
    return list(enumerate(rules.simulate(simulation, first, most), first))


def _fingerprint(simulation: rules.Simulation) -> str:
    """What a marker is bound to: in another list of pairs its place would mean another pair."""
    return hashlib.sha256(msgspec.json.encode((simulation.actions, simulation.resources))).hexdigest()


def _owner(arn: str | None) -> str | None:
    if arn is None:
        return None
    fields = arn.split(":")
    account = arn if is_account_id(arn) else fields[4] if len(fields) > 4 else ""
    if not is_account_id(account):
        raise InvalidInput("ResourceOwner must be the ARN of an account.")
    return account


def _entries(given: Sequence[api.ContextEntry]) -> tuple[rules.ContextEntry, ...]:
    entries = []
    for entry in given:
        if entry.context_key_name is None or entry.context_key_type is None:
            raise InvalidInput("A context entry needs ContextKeyName and ContextKeyType.")
        values = tuple(entry.context_key_values or ())
        entries.append(rules.ContextEntry(entry.context_key_name, entry.context_key_type, values))
    return tuple(entries)


def _result(result: rules.Result) -> api.EvaluationResult:
    return api.EvaluationResult(
        eval_action_name=result.action,
        eval_resource_name=result.resource,
        eval_decision=result.decision,
        matched_statements=[_statement(one) for one in result.matched],
        missing_context_values=list(result.missing_keys),
        permissions_boundary_decision_detail=_by_boundary(result.allowed_by_boundary),
        eval_decision_details=result.details,  # AWS shows it though it be empty, and not so beside each resource
        resource_specific_results=[
            api.ResourceSpecificResult(
                eval_resource_name=one.resource,
                eval_resource_decision=one.decision,
                matched_statements=[_statement(match) for match in one.matched],
                missing_context_values=list(one.missing_keys),
                permissions_boundary_decision_detail=_by_boundary(one.allowed_by_boundary),
                eval_decision_details=one.details or None,
            )
            for one in result.resource_results
        ]
        or None,
    )


def _statement(matched: Matched) -> api.Statement:
    return api.Statement(
        source_policy_id=matched.source_id,
        source_policy_type=matched.source_type,  # type: ignore[arg-type]  # AWS keeps to none of its own words
        start_position=api.Position(line=matched.start.line, column=matched.start.column),
        end_position=api.Position(line=matched.end.line, column=matched.end.column),
    )


def _by_boundary(allowed: bool | None) -> api.PermissionsBoundaryDecisionDetail | None:  # noqa: FBT001 - None: there is none
    return None if allowed is None else api.PermissionsBoundaryDecisionDetail(allowed_by_permissions_boundary=allowed)
