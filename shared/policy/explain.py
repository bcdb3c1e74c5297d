"""A denial in AWS's long form. Source: Troubleshoot access denied error messages (IAM user guide)."""

from shared.policy.decision import Decision

_ARTICLES = {
    "identity": "an identity-based policy",
    "boundary": "a permissions boundary",
    "session": "a session policy",
    "resource": "a resource-based policy",
    "trust": "the role trust policy",
}
_NAMES = {
    "identity": "identity-based policy",
    "boundary": "permissions boundary",
    "session": "session policy",
    "resource": "resource-based policy",
    "trust": "role trust policy",
}


def access_denied_message(decision: Decision, caller_arn: str, action: str, resource: str) -> str:
    """The sentence for a decision that denies: who may not do what to which resource, and which layer says so."""
    sentence = f"User: {caller_arn} is not authorized to perform: {action} on resource: {resource}"
    layer = decision.stopped_by
    if layer is None:
        return sentence
    if decision.verdict == "explicitDeny":
        return f"{sentence} with an explicit deny in {_ARTICLES[layer]}"
    return f"{sentence} because no {_NAMES[layer]} allows the {action} action"
