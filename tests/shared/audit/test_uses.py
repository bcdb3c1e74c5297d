from datetime import UTC, datetime, timedelta

from shared.audit.record import KeyUse
from shared.audit.uses import KeyUses
from shared.guard.caller import Caller, CallerKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
USER = Caller("arn:aws:iam::111122223333:user/a", "111122223333", CallerKind.USER, "AIDA", "AKIAONE")


def session_of_role(key: str) -> Caller:
    arn = "arn:aws:sts::111122223333:assumed-role/r/s"
    return Caller(arn, "111122223333", CallerKind.ROLE_SESSION, "AROA:s", key, role_id="AROAROLE", issued_at=NOW)


def test_a_key_is_told_once_a_minute_for_each_service() -> None:
    told: list[KeyUse] = []
    uses = KeyUses(told.append)
    for seconds, service in ((0, "iam"), (30, "iam"), (30, "sts"), (59, "iam"), (61, "iam")):
        uses.saw(USER, service, "us-east-1", NOW + timedelta(seconds=seconds))
    assert [(use.service, use.at - NOW.timestamp()) for use in told] == [("iam", 0), ("sts", 30), ("iam", 61)]


def test_all_sessions_of_a_role_are_one_use_of_the_role() -> None:
    told: list[KeyUse] = []
    uses = KeyUses(told.append)
    for key in ("ASIAONE", "ASIATWO"):
        uses.saw(session_of_role(key), "s3", "us-east-1", NOW)
    assert told == [KeyUse("111122223333", "AROAROLE", "s3", "us-east-1", NOW.timestamp())]


def test_a_users_own_session_is_no_use_of_a_key() -> None:
    told: list[KeyUse] = []
    own = Caller(USER.arn, USER.account, CallerKind.USER, "AIDA", "ASIAOWN", issued_at=NOW)
    KeyUses(told.append).saw(own, "iam", "us-east-1", NOW)
    assert told == []


def test_a_clock_that_goes_back_does_not_silence_a_key() -> None:
    told: list[KeyUse] = []
    uses = KeyUses(told.append)
    uses.saw(USER, "iam", "us-east-1", NOW)
    uses.saw(USER, "iam", "us-east-1", NOW - timedelta(days=1))
    assert len(told) == 2
