from services.userpool.tokens.spare import SpareKeys


def test_the_first_key_taken_starts_the_making_of_the_next() -> None:
    spare = SpareKeys(wanted=1)
    first = spare.take()
    assert [made.result().key_size for made in spare._made] == [2048]
    second = spare.take()
    spare.close()
    assert first.private_numbers() != second.private_numbers()
