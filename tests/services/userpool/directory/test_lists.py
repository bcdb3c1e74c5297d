import pytest

from services.userpool.errors import InvalidParameter
from shared.aws.paging import BadPageToken
from tests.services.userpool.in_process import InProcess


@pytest.fixture
def pool(aws: InProcess) -> str:
    pool = aws.pool(UsernameConfiguration={"CaseSensitive": False})
    aws.user(pool, "Ann", email="ann@example.com", given_name="Ann", family_name='O"Hara', status="UNCONFIRMED")
    aws.user(pool, "anton", email="anton@example.com", given_name="Anton", phone_number="+15550100")
    aws.user(pool, "bob", email="bob@example.org", given_name="Bob", name="x" * 300, preferred_username="100%_x")
    return pool


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {"Ann", "anton", "bob"}),
        ('username = "ANN"', {"Ann"}),
        ('username ^= "an"', {"Ann", "anton"}),
        ('email = "ann@example.com"', {"Ann"}),
        ('email = "ann@example"', set()),
        ('email^="an"', {"Ann", "anton"}),
        ('given_name = "ann"', {"Ann"}),
        ('email = "ANN@Example.com"', {"Ann"}),
        ('email ^= "AN"', {"Ann", "anton"}),
        ('"email"^="bob@"', {"bob"}),
        ('"family_name" = "o\\"hara"', {"Ann"}),
        ('given_name ^= "Ann"', {"Ann"}),
        ('given_name ^= ""', {"Ann", "anton", "bob"}),
        ('family_name = "O\\"Hara"', {"Ann"}),
        ('phone_number ^= "+1555"', {"anton"}),
        ('preferred_username = "100%_x"', {"bob"}),
        ('preferred_username ^= "1__%"', set()),
        ('name ^= "xxx"', {"bob"}),
        ('cognito:user_status = "unconfirmed"', {"Ann"}),
        ('cognito:user_status ^= "CON"', {"anton", "bob"}),
        ('status = "Enabled"', {"Ann", "anton", "bob"}),
        ('status = "enabled"', set()),
    ],
)
def test_filters_find(aws: InProcess, pool: str, text: str, found: set[str]) -> None:
    assert set(aws.names(pool, Filter=text)) == found
    assert sorted(aws.names(pool, Filter=text, Limit=1)) == sorted(found)


def test_the_sub_is_searched_too(aws: InProcess, pool: str) -> None:
    sub = aws.call("AdminGetUser", UserPoolId=pool, Username="bob")["UserAttributes"][0]["Value"]
    assert aws.names(pool, Filter=f'sub = "{sub}"') == ["bob"]
    assert aws.names(pool, Filter=f'sub ^= "{sub[:8]}"') == ["bob"]
    assert aws.names(pool, Filter='sub = "nobody"') == []
    assert len(aws.names(pool, Filter='sub ^= ""', Limit=2)) == 3


@pytest.mark.parametrize(
    "text",
    [
        "email",
        '"email = "x"',
        'email" = "x"',
        '"" = "x"',
        'email == "x"',
        "email = x",
        'email = "x',
        'email = "x" and name = "y"',
        "=",
    ],
)
def test_a_filter_outside_the_grammar_is_refused(aws: InProcess, pool: str, text: str) -> None:
    with pytest.raises(InvalidParameter, match="Error while parsing filter"):
        aws.call("ListUsers", UserPoolId=pool, Filter=text)


@pytest.mark.parametrize("attribute", ["custom:x", "address", "nonsense"])
def test_only_some_attributes_can_be_searched(aws: InProcess, pool: str, attribute: str) -> None:
    with pytest.raises(InvalidParameter, match="Invalid search attribute"):
        aws.call("ListUsers", UserPoolId=pool, Filter=f'{attribute} = "x"')


def test_only_the_attributes_asked_for_are_shown(aws: InProcess, pool: str) -> None:
    users = aws.call("ListUsers", UserPoolId=pool, AttributesToGet=["email"])["Users"]
    assert all([each["Name"] for each in user["Attributes"]] == ["email"] for user in users)
    with pytest.raises(InvalidParameter, match="One or more requested attributes do not exist"):
        aws.call("ListUsers", UserPoolId=pool, AttributesToGet=["email", "custom:never"])


def test_a_user_is_listed_as_aws_lists_one(aws: InProcess, pool: str) -> None:
    (user,) = aws.call("ListUsers", UserPoolId=pool, Filter='username = "anton"')["Users"]
    assert user.keys() == {
        "Username",
        "Attributes",
        "UserCreateDate",
        "UserLastModifiedDate",
        "Enabled",
        "UserStatus",
    }
    assert user["Attributes"][0]["Name"] == "sub"


def test_pages_meet_everybody_once_while_others_come_and_go(aws: InProcess) -> None:
    pool = aws.pool()
    there = {f"user{n}" for n in range(130)}
    for name in there:
        aws.user(pool, name)
    first = aws.call("ListUsers", UserPoolId=pool)
    assert len(first["Users"]) == 60
    aws.call("AdminDeleteUser", UserPoolId=pool, Username=first["Users"][0]["Username"])
    second = aws.call("ListUsers", UserPoolId=pool, PaginationToken=first["PaginationToken"])
    third = aws.call("ListUsers", UserPoolId=pool, PaginationToken=second["PaginationToken"])
    met = [user["Username"] for page in (first, second, third) for user in page["Users"]]
    assert len(met) == 130
    assert set(met) == there


def test_a_token_is_good_for_its_list_only(aws: InProcess, pool: str) -> None:
    token = aws.call("ListUsers", UserPoolId=pool, Limit=1)["PaginationToken"]
    with pytest.raises(BadPageToken):
        aws.call("ListUsers", UserPoolId=pool, Limit=1, PaginationToken=token, Filter='username ^= "a"')
    with pytest.raises(BadPageToken):
        aws.call("ListUsers", UserPoolId=aws.pool(), PaginationToken=token)


def test_no_list_reads_more_than_its_index_range(aws: InProcess) -> None:
    """A scan or a sort would grow with the pool; the plan of every list is a search in an index."""
    pool = aws.pool()
    seen: list[str] = []
    with aws.sql.read() as tx:
        raw = tx.connection.driver_connection
        assert raw is not None
        raw.set_trace_callback(seen.append)
    for text in ("", 'email = "a"', 'email ^= "a"', 'sub ^= "a"', 'username = "a"'):
        aws.call("ListUsers", UserPoolId=pool, Filter=text)
    raw.set_trace_callback(None)
    selects = [each for each in seen if "FROM users" in each or "FROM user_search" in each]
    assert len(selects) == 5
    for select in selects:
        with aws.sql.read() as tx:
            plan = [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {select.replace('%', '%%')}")]
        assert all(step.startswith("SEARCH") for step in plan), plan
