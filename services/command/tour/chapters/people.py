"""(a) The root user makes people, a group and a policy; members get what the group grants; root may not do everything."""

from services.command.tour.cast import Cast, Person, allow, session, text_of, trust_in
from services.command.tour.telling import Story


def tell(story: Story, cast: Cast) -> None:
    """The chapter. `cast` makes everything as the root user."""
    story.chapter(
        "a",
        "The root user makes people, a group and a policy",
        "An account begins with its root user. It makes users and groups; a new user has no rights at all.",
    )
    shelf = cast.bucket("shelf")
    ada, ben = story.step(
        "Root makes the users Ada and Ben, each with an access key.",
        lambda: (cast.user("ada"), cast.user("ben")),
        shows=lambda made: " and ".join(person.arn for person in made),
        holds=lambda made: all(person.arn.endswith(f":user/{person.name}") for person in made),
        why="IAM knows them now. Nothing is granted to them yet.",
    )
    story.step(
        "Root makes a group that may read and write one bucket, and puts Ada in.",
        lambda: cast.group("writers", allow("s3:GetObject", "s3:PutObject", on=f"arn:aws:s3:::{shelf}/*"), [ada]),
        shows=str,
        why="The policy stands on the group and speaks for whoever is a member when a call is made.",
    )
    _member_and_stranger(story, cast, shelf, ada, ben)
    _root_and_roles(story, cast)


def _member_and_stranger(story: Story, cast: Cast, shelf: str, ada: Person, ben: Person) -> None:
    as_ada = cast.stage.client("s3", ada.key)
    story.step(
        "Ada writes poem.txt to the bucket and reads it back.",
        lambda: (
            as_ada.put_object(Bucket=shelf, Key="poem.txt", Body=b"A rose is a rose."),
            text_of(cast.stage, ada.key, shelf, "poem.txt"),
        ),
        shows=lambda came: came[1],
        holds=lambda came: came[1] == "A rose is a rose.",
        why="She signed with her own key; the store asked the policy engine; the group's policy says yes.",
    )
    story.refusal(
        "Ben, who is no member, reads poem.txt.",
        lambda: text_of(cast.stage, ben.key, shelf, "poem.txt"),
        code="AccessDenied",
        says="because no identity-based policy allows the s3:GetObject action",
        why="Silence denies. No policy of his says yes, and the sentence names the kind that was missing.",
    )
    story.refusal(
        "Ada lists the users of the account.",
        lambda: cast.stage.client("iam", ada.key).list_users(),
        code="AccessDenied",
        says="is not authorized to perform: iam:ListUsers",
        why="Membership gave her one bucket and nothing else.",
    )


def _root_and_roles(story: Story, cast: Cast) -> None:
    root = cast.stage.as_root()
    account = str(cast.stage.client("sts", root).get_caller_identity()["Account"])
    role = cast.role("open", trust_in(f"arn:aws:iam::{account}:root"), allow("iam:ListUsers", on="*"))
    story.refusal(
        "Root assumes a role that trusts the whole account.",
        lambda: session(cast.stage, root, role, "root"),
        code="AccessDenied",
        says="Roles may not be assumed by root accounts.",
        why="No policy limits root, but AWS keeps this door shut for it. Use root to make an administrator, then put it away.",
    )
