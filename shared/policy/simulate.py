"""The policy simulator's rules; IAM's operations only translate. Live requests ask the same evaluate().

Sources: API SimulateCustomPolicy, SimulatePrincipalPolicy, GetContextKeysForCustomPolicy, EvaluationResult,
ResourceSpecificResult, ContextEntry.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, product

from shared.policy import values
from shared.policy.compiled import Policy, compile_policy
from shared.policy.decision import Decision, Matched, Verdict
from shared.policy.document import Document, Kind
from shared.policy.evaluate import evaluate
from shared.policy.patterns import Context, ContextValue, Variable, cut
from shared.policy.principal_names import account_in, is_account_id
from shared.policy.principals import PrincipalFacts
from shared.policy.request import Layers, Request, principal_keys
from shared.refusal import Refusal

IAM_POLICY = "IAM Policy"  # as AWS's simulator calls where a statement is from, whoever the policy belongs to
RESOURCE_POLICY = "Resource Policy"
_NOBODY = PrincipalFacts(arn="", account="", kind="user")
_READERS: dict[str, Callable[[str], object | None]] = {
    "string": lambda text: text,
    "numeric": values.number,
    "boolean": values.truth,
    "ip": values.address,
    "binary": values.blob,
    "date": values.instant,
}


class InvalidInput(Refusal):
    """A simulation was asked for in a way that cannot be simulated."""


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One condition key of the simulated request; `type` is a ContextKeyType, such as string or ipList."""

    name: str
    type: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What is simulated: policies of one principal against actions and resources.

    `caller` None: nobody in particular, so no principal keys and no resource policy. `resource_owner` is an account.
    """

    policies: Sequence[Policy]
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    caller: PrincipalFacts | None = None
    boundary: Sequence[Policy] | None = None
    resource_policy: Policy | None = None
    resource_owner: str | None = None
    entries: tuple[ContextEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceResult:
    """The same answer told for a resource by name."""

    resource: str
    decision: Verdict
    matched: tuple[Matched, ...]
    missing_keys: tuple[str, ...]
    allowed_by_boundary: bool | None
    details: dict[str, Verdict]


@dataclass(frozen=True, slots=True)
class Result:
    """The answer for one action on one resource.

    `missing_keys` (as the policies write them) stand here for the resource `*`, else in `resource_results`.
    `allowed_by_boundary` is None without a boundary. `details` hold each side's answer of a cross-account request.
    """

    action: str
    resource: str
    decision: Verdict
    matched: tuple[Matched, ...]
    missing_keys: tuple[str, ...]
    allowed_by_boundary: bool | None
    details: dict[str, Verdict]
    resource_results: tuple[ResourceResult, ...]


def custom_policies(texts: Sequence[str], name: str = "PolicyInputList", kind: Kind = Kind.SIMULATION) -> list[Policy]:
    """Policies given as texts, called PolicyInputList.1 and so on. Raises MalformedPolicy."""
    return [
        compile_policy(text, kind, source_id=f"{name}.{index}", source_type=IAM_POLICY)
        for index, text in enumerate(texts, 1)
    ]


def simulated_caller(arn: str) -> PrincipalFacts:
    """The user a CallerArn names. Raises InvalidInput for anything but a user's ARN."""
    fields = arn.split(":", 5)
    if len(fields) != 6 or fields[2] != "iam" or not is_account_id(fields[4]) or not fields[5].startswith("user/"):
        raise InvalidInput("CallerArn must be the ARN of an IAM user.")
    return PrincipalFacts(arn=arn, account=fields[4], kind="user")


def context_from(entries: Iterable[ContextEntry]) -> dict[str, ContextValue]:
    """The condition keys of a simulated request. Raises InvalidInput for values that do not fit their type."""
    context: dict[str, ContextValue] = {}
    for entry in entries:
        key = entry.name.lower()
        several = entry.type.endswith("List")
        reader = _READERS.get(entry.type.removesuffix("List"))
        if reader is None:
            raise InvalidInput(f"{entry.type} is not a context key type.")
        if ":" not in entry.name:
            raise InvalidInput(f"Context key {entry.name} must be prefaced by a vendor.")
        if key in context:
            raise InvalidInput(f"Context key {entry.name} is given twice.")
        if not several and len(entry.values) != 1:
            raise InvalidInput(f"Context key {entry.name} of type {entry.type} takes exactly one value.")
        wrong = [text for text in entry.values if reader(text) is None]
        if wrong:
            raise InvalidInput(f"{wrong[0]} is not a value of type {entry.type}, as context key {entry.name} asks.")
        context[key] = entry.values if several else entry.values[0]
    return context


def simulate(simulation: Simulation, first: int = 0, most: int | None = None) -> tuple[Result, ...]:
    """One result for each action and resource, in their order; with `most`, so many from the one at `first` on.

    Raises InvalidInput.
    """
    if simulation.resource_policy is not None and simulation.caller is None:
        raise InvalidInput("A CallerArn is required when a ResourcePolicy is given.")
    for action in simulation.actions:
        if action.count(":") != 1 or "*" in action or "?" in action or action.startswith(":") or action.endswith(":"):
            raise InvalidInput(f"Invalid action name: {action}")
    for resource in simulation.resources:
        if resource != "*" and (not resource.startswith("arn:") or resource.count(":") < 5):
            raise InvalidInput(f"Invalid resource ARN: {resource}")
    caller = simulation.caller or _NOBODY
    context: Context = {**principal_keys(caller), **context_from(simulation.entries)}
    layers = Layers(simulation.policies, simulation.boundary, (), simulation.resource_policy)
    written = _written_keys(simulation)
    pairs = product(simulation.actions, simulation.resources)
    return tuple(
        _result(Request(action, resource, caller, context, _owner(simulation, resource, caller)), layers, written)
        for action, resource in islice(pairs, first, None if most is None else first + most)
    )


def context_keys(documents: Iterable[Document]) -> tuple[str, ...]:
    """The condition keys and variables that documents ask for, as first written, each once."""
    found: dict[str, str] = {}
    for document in documents:
        for statement in document.statements:
            names = [] if not document.knows_variables else _variables(statement.resources or ())
            for condition in statement.conditions:
                names.append(condition.key)
                if document.knows_variables:
                    names += _variables(condition.values)
            for name in names:
                found.setdefault(name.lower(), name)
    return tuple(found.values())


def _variables(texts: Iterable[str]) -> list[str]:
    tokens = (token for text in texts if "${" in text for token in cut(text, variables=True))
    return [token.name for token in tokens if isinstance(token, Variable)]


def _owner(simulation: Simulation, resource: str, caller: PrincipalFacts) -> str:
    """Whose a resource is: as its ARN says, else the named owner's, else the caller's.

    Without a resource policy nobody but the caller has a say, so it is taken for the caller's.
    """
    if simulation.resource_policy is None:
        return caller.account
    return account_in(resource) or simulation.resource_owner or caller.account


def _written_keys(simulation: Simulation) -> dict[str, str]:
    policies = [*simulation.policies, *(simulation.boundary or ())]
    if simulation.resource_policy is not None:
        policies.append(simulation.resource_policy)
    return {key.lower(): key for key in context_keys(policy.document for policy in policies)}


def _result(request: Request, layers: Layers, written: dict[str, str]) -> Result:
    decision = evaluate(request, layers)
    missing = tuple(written.get(key, key) for key in decision.missing_keys)
    by_boundary = _allowed_by_boundary(decision)
    named = request.resource != "*"
    details = _sides(decision) if request.resource_account != request.principal.account else {}
    specific = ResourceResult(request.resource, decision.verdict, decision.matched, missing, by_boundary, details)
    return Result(
        request.action,
        request.resource,
        decision.verdict,
        decision.matched,
        () if named else missing,
        by_boundary,
        details,
        (specific,) if named else (),
    )


def _allowed_by_boundary(decision: Decision) -> bool | None:
    return next((check.outcome == "allows" for check in decision.checks if check.layer == "boundary"), None)


def _sides(decision: Decision) -> dict[str, Verdict]:
    words: dict[str, Verdict] = {"allows": "allowed", "delegates": "allowed", "denies": "explicitDeny"}
    names = {"identity": IAM_POLICY, "resource": RESOURCE_POLICY}
    return {
        names[check.layer]: words.get(check.outcome, "implicitDeny")
        for check in decision.checks
        if check.layer in names
    }
