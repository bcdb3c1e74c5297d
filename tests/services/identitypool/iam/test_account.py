import pytest

from services.identitypool import errors
from services.identitypool.iam.store import accounts
from tests.services.identitypool.iam.console import ACCOUNT, ALLOW_ALL, START, Console


def test_an_account_has_one_alias(iam: Console) -> None:
    iam("CreateAccountAlias", AccountAlias="first")
    iam("CreateAccountAlias", AccountAlias="second")
    assert iam("ListAccountAliases").account_aliases == ["second"]
    with pytest.raises(errors.NoSuchEntity):
        iam("DeleteAccountAlias", AccountAlias="first")
    iam("DeleteAccountAlias", AccountAlias="second")
    assert iam("ListAccountAliases").account_aliases == []


def test_an_alias_cannot_be_taken_for_an_account_id(iam: Console) -> None:
    with pytest.raises(errors.ValidationFailed, match="12 digits"):
        iam("CreateAccountAlias", AccountAlias="123456789012")
    iam("CreateAccountAlias", AccountAlias="1234567890123")
    assert iam("ListAccountAliases").account_aliases == ["1234567890123"]


def test_an_alias_belongs_to_one_account(iam: Console) -> None:
    with iam.context.sql.write() as tx:
        accounts.add_account(tx, "444455556666", "b@localhost", START)
        other = accounts.find_account(tx, "444455556666")
        assert other is not None
        assert accounts.set_alias(tx, other, "taken")
    with pytest.raises(errors.EntityAlreadyExists, match=r"The account alias taken already exists\."):
        iam("CreateAccountAlias", AccountAlias="taken")


def test_the_summary_counts(iam: Console) -> None:
    iam("CreateUser", UserName="Ann")
    summary = iam("GetAccountSummary").summary_map
    assert (summary["Users"], summary["Groups"], summary["Roles"], summary["AccessKeysPerUserQuota"]) == (2, 1, 0, 2)
    iam("CreatePolicy", PolicyName="P", PolicyDocument=ALLOW_ALL)
    iam("CreatePolicyVersion", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/P", PolicyDocument=ALLOW_ALL)
    summary = iam("GetAccountSummary").summary_map
    assert (summary["Policies"], summary["PolicyVersionsInUse"]) == (1, 2)
    assert len(summary) == 34
