from datetime import UTC, datetime

from shared.audit.hand_outs import HandOut, HandOuts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROLE = "arn:aws:iam::111122223333:role/r"


def hand_out(caller: str, number: int = 0) -> HandOut:
    made = f"ASIA{number}"
    return HandOut("111122223333", "sts:AssumeRole", caller, "AKIA", "::1", ROLE, "s", made, f"r{number}", NOW)


def test_alike_ones_are_one_row_with_a_count() -> None:
    hand_outs = HandOuts()
    for number in range(5):
        hand_outs.add(hand_out("ann", number))
    hand_outs.add(hand_out("bob", 9))
    ann, bob = hand_outs.gather()
    assert (ann.caller, ann.request_id, ann.named["Times"], ann.named["AccessKeyId"]) == ("ann", "r0", "5", "ASIA0")
    assert (bob.caller, "Times" in bob.named, bob.resources) == ("bob", False, (ROLE,))
    assert hand_outs.gather() == []


def test_many_different_ones_are_counted_together_beyond_a_bound() -> None:
    hand_outs = HandOuts()
    for number in range(1000):
        hand_outs.add(hand_out(f"caller {number}", number))
    rows = hand_outs.gather()
    assert len(rows) == 257
    assert (rows[-1].caller, rows[-1].named) == ("several callers", {"Times": "744"})
    assert len({row.request_id for row in rows}) == len(rows)
