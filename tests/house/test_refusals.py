"""Every refusal is worded at the entrance through which it leaves, with a code that AWS documents."""

from collections.abc import Mapping
from types import ModuleType

import pytest

from services.identitypool.errors import AS_COGNITO_IDENTITY, AS_IAM, AS_STS
from services.userpool.errors import AS_COGNITO_IDP
from shared.aws.api import cognito_identity, cognito_idp, iam, sts
from shared.aws.errors import AS_JSON, AS_QUERY
from shared.guard import refusals
from shared.refusal import Refusal

OWN: Mapping[str, list[Mapping[type[Refusal], str]]] = {
    "services.userpool": [AS_COGNITO_IDP],
    "services.identitypool": [AS_COGNITO_IDENTITY, AS_STS, AS_IAM],
}
SHARED_BY_ALL_SERVICES = {
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAction",
    "InvalidClientTokenId",
    "InvalidParameterCombination",
    "InvalidParameterValue",
    "MalformedPolicyDocument",
    "NotAuthorized",
    "RequestExpired",
    "ServiceUnavailable",
    "ThrottlingException",
    "ValidationError",
    "ValidationException",
}
"""IAM API Reference and STS API Reference, Common Errors; the JSON services answer the same with `Exception`."""


def every_refusal(kind: type[Refusal] = Refusal) -> set[type[Refusal]]:
    return {kind}.union(*(every_refusal(below) for below in kind.__subclasses__()))


@pytest.mark.parametrize("service", OWN)
def test_every_refusal_of_a_service_has_a_line_at_its_entrance(service: str, service_modules: list[str]) -> None:
    assert service_modules
    worded = set().union(*OWN[service], AS_JSON, AS_QUERY)
    silent = {
        f"{kind.__module__}.{kind.__name__}"
        for kind in every_refusal()
        if kind.__module__.startswith(f"{service}.") and kind not in worded and not kind.__subclasses__()
    }
    assert not silent


OF_BODIES_IN_CHUNKS: set[type[Refusal]] = {
    refusals.MalformedChunks,
    refusals.InvalidChecksum,
    refusals.InvalidDigest,
    refusals.ChecksumMismatch,
}
"""What only stores refuse: the AWS entrances compute the hash of each body."""


def test_every_refusal_of_the_guard_has_a_line_in_the_frame() -> None:
    of_guard = {kind for kind in every_refusal() if kind.__module__ == refusals.__name__}
    assert refusals.UnsignedHeaders in of_guard
    assert of_guard - set(AS_JSON) == OF_BODIES_IN_CHUNKS


@pytest.mark.parametrize(
    ("api", "table"),
    [(cognito_idp, AS_COGNITO_IDP), (cognito_identity, AS_COGNITO_IDENTITY), (sts, AS_STS), (iam, AS_IAM)],
    ids=["cognito-idp", "cognito-identity", "sts", "iam"],
)
def test_every_code_is_one_that_the_api_or_all_of_aws_documents(
    api: ModuleType, table: Mapping[type[Refusal], str]
) -> None:
    unknown = {
        f"{kind.__name__}: {code}"
        for kind, code in table.items()
        if code not in api.ERRORS and code not in SHARED_BY_ALL_SERVICES
    }
    assert not unknown


def test_the_frames_words_cover_the_same_refusals_in_both_protocols() -> None:
    assert set(AS_JSON) == set(AS_QUERY)


def test_a_refusal_is_worded_once() -> None:
    """A line of a service's own would hide the frame's; where that is wanted it says so here."""
    for table in (AS_COGNITO_IDP, AS_COGNITO_IDENTITY):
        assert not set(table) & (set(AS_JSON) - REWORDED)
    for table in (AS_STS, AS_IAM):
        assert not set(table) & (set(AS_QUERY) - REWORDED)


REWORDED: set[type[Refusal]] = set()
