"""Reading ARNs of IAM: which account, what kind of thing, which path and name. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IamArn:
    """The parts of `arn:aws:iam::ACCOUNT:KIND/PATH/NAME`; `path` begins and ends with a slash."""

    account: str
    kind: str
    path: str
    name: str


def parse(text: str) -> IamArn | None:
    """The parts of an IAM ARN; None for anything else, `root` included."""
    fields = text.split(":", 5)
    if len(fields) != 6 or fields[:4] != ["arn", "aws", "iam", ""]:
        return None
    kind, slash, rest = fields[5].partition("/")
    path, _, name = rest.rpartition("/")
    if not slash or not name:
        return None
    return IamArn(fields[4], kind, f"/{path}/" if path else "/", name)
