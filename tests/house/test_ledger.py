"""Every operation of each API is served or refused by name, and never both."""

from typing import Any

from shared.aws.operation import NOT_YET, OperationTable

Tables = list[OperationTable[Any]]


def test_every_operation_is_served_or_refused_by_name(operation_tables: Tables) -> None:
    for table in operation_tables:
        assert set(table.served) | set(table.refused) == set(table.operations), table.service.name


def test_no_operation_is_served_and_refused(operation_tables: Tables) -> None:
    for table in operation_tables:
        assert not set(table.served) & set(table.refused), table.service.name


def test_each_refusal_gives_a_reason_and_an_error_that_the_api_documents(operation_tables: Tables) -> None:
    for table in operation_tables:
        for name, refused in table.refused.items():
            assert refused.reason, name
            documented = {*table.errors, "InvalidAction", "AccessDenied"}
            assert refused.code in documented, f"{table.service.name} {name}: {refused.code}"


def test_an_error_given_for_good_is_one_that_the_operation_lists(operation_tables: Tables) -> None:
    for table in operation_tables:
        for name, refused in table.refused.items():
            listed = table.operations[name].errors
            if refused.reason != NOT_YET and listed:
                assert refused.code in listed or refused.code == "AccessDenied", (
                    f"{name}: {refused.code} not in {listed}"
                )


def test_each_served_operation_has_its_contract_in_its_docstring(operation_tables: Tables) -> None:
    for table in operation_tables:
        for name, served in table.served.items():
            assert (served.run.__doc__ or "").strip(), name


def test_unsigned_operations_are_those_of_the_model(operation_tables: Tables) -> None:
    """A signed operation asks the policies unless AWS lets any caller in."""
    open_to_any_caller = {"GetCallerIdentity", "GetSessionToken", "GetAccessKeyInfo", "DecodeAuthorizationMessage"}
    for table in operation_tables:
        for name, served in table.served.items():
            if not served.operation.signed:
                assert served.resource is None, name
            elif not served.needs_permission:
                assert name in open_to_any_caller or name.startswith("AssumeRole"), name
