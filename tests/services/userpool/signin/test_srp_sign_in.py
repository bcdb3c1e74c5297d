from concurrent.futures import ThreadPoolExecutor

import pytest

from services.userpool.errors import InvalidParameter, NotAuthorized
from shared.aws.api import cognito_idp as api
from tests.services.userpool.live import Live
from tests.services.userpool.srp_half import Srp

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def test_srp_signs_in_without_a_session(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    srp = Srp(live, pool, live.client(pool))
    asked = srp.begin()
    assert asked.challenge_name == "PASSWORD_VERIFIER"
    assert srp.answer(srp.claim(asked)).authentication_result.refresh_token


def test_srp_signs_in_with_a_session_and_a_secret(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    srp = Srp(live, pool, live.client(pool, secret="s3cret"))
    asked = srp.begin()
    assert srp.answer(srp.claim(asked), asked.session).authentication_result.access_token


def test_an_alias_signs_in_by_srp(live: Live) -> None:
    pool = live.pool(username_attributes=["email"])
    live.user(pool, "2b1f8f50-1a2b-4c3d-8e4f-111111111111", attributes={"email": "alice@example.com"})
    srp = Srp(live, pool, live.client(pool))
    asked = srp.begin("alice@example.com")
    assert asked.challenge_parameters["USER_ID_FOR_SRP"] == "2b1f8f50-1a2b-4c3d-8e4f-111111111111"
    claim = srp.claim(asked) | {"USERNAME": "alice@example.com"}
    assert srp.answer(claim).authentication_result.access_token


def test_a_wrong_password_fails_and_counts(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    client = live.client(pool)
    for _ in range(5):
        srp = Srp(live, pool, client, "Wrong-horse-1")
        with pytest.raises(NotAuthorized, match=r"^Incorrect username or password\.$"):
            srp.answer(srp.claim(srp.begin()))
    with pytest.raises(NotAuthorized, match=r"^Password attempts exceeded$"):
        Srp(live, pool, client).begin()


def test_an_exchange_begun_before_a_lock_gives_no_tokens_during_it(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    client = live.client(pool)
    srp = Srp(live, pool, client)
    claim = srp.claim(srp.begin())
    for _ in range(5):
        with pytest.raises(NotAuthorized):
            live.sign_in(client, password="Wrong-horse-1")
    with pytest.raises(NotAuthorized, match=r"^Password attempts exceeded$"):
        srp.answer(claim)


def test_a_stranger_gets_a_challenge_of_the_same_shape_each_time(live: Live) -> None:
    pool = live.pool()
    live.user(pool, "nobodx")
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    real, first, again = (Srp(live, pool, client).begin(name) for name in ("nobodx", "nobody", "nobody"))
    assert first.challenge_parameters["SALT"] == again.challenge_parameters["SALT"]
    assert first.challenge_parameters["USER_ID_FOR_SRP"] == "nobody"
    assert first.challenge_parameters.keys() == real.challenge_parameters.keys()
    assert len(first.session) == len(real.session)
    srp = Srp(live, pool, client)
    with pytest.raises(NotAuthorized, match=r"^Incorrect username or password\.$"):
        srp.answer(srp.claim(srp.begin("nobody")))


def test_in_a_pool_of_addresses_a_stranger_has_an_id_like_everybody(live: Live) -> None:
    pool = live.pool(username_attributes=["email"])
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    shown = Srp(live, pool, client).begin("nobody@example.com").challenge_parameters["USER_ID_FOR_SRP"]
    assert len(shown) == 36
    assert "@" not in shown


@pytest.mark.parametrize("public", ["0", "00", "", "zz", "f" * 2000])
def test_a_public_number_outside_the_group_is_refused(live: Live, public: str) -> None:
    pool = live.pool()
    live.user(pool)
    sent = {"USERNAME": "alice", "SRP_A": public}
    with pytest.raises(InvalidParameter, match="SRP_A"):
        live.ask("InitiateAuth", AuthFlow="USER_SRP_AUTH", ClientId=live.client(pool).id, AuthParameters=sent)


def test_a_finished_exchange_cannot_be_repeated(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    srp = Srp(live, pool, live.client(pool))
    claim = srp.claim(srp.begin())
    srp.answer(claim)
    with pytest.raises(NotAuthorized, match=r"^Invalid session for the user\.$"):
        srp.answer(claim)


def test_one_of_64_parallel_answers_wins(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    srp = Srp(live, pool, live.client(pool))
    claim = srp.claim(srp.begin())

    def spend(_number: int) -> bool:
        try:
            return srp.answer(claim).authentication_result is not None
        except NotAuthorized:
            return False
        finally:
            live.close()

    with ThreadPoolExecutor(16) as crowd:
        assert sum(crowd.map(spend, range(64))) == 1


def test_a_new_password_ends_an_exchange_under_way(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    srp = Srp(live, pool, live.client(pool))
    claim = srp.claim(srp.begin())
    live.ask("AdminSetUserPassword", UserPoolId=pool.id, Username="alice", Password="Another-horse-2", Permanent=True)
    with pytest.raises(NotAuthorized):
        srp.answer(claim)


def test_a_sign_out_everywhere_ends_an_exchange_under_way(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    srp = Srp(live, pool, live.client(pool))
    claim = srp.claim(srp.begin())
    live.ask("AdminUserGlobalSignOut", UserPoolId=pool.id, Username="alice")
    with pytest.raises(NotAuthorized, match="Invalid session"):
        srp.answer(claim)


def test_an_altered_secret_block_is_refused(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    srp = Srp(live, pool, live.client(pool))
    claim = srp.claim(srp.begin())
    block = claim["PASSWORD_CLAIM_SECRET_BLOCK"]
    for altered in ("AAAA", block[:50] + ("A" if block[50] != "A" else "B") + block[51:], block + "="):
        with pytest.raises(NotAuthorized, match="Invalid session"):
            srp.answer(claim | {"PASSWORD_CLAIM_SECRET_BLOCK": altered})
    with pytest.raises(NotAuthorized, match="Invalid session"):
        srp.answer(claim, srp.begin().session)


def test_a_challenge_that_was_not_asked_is_refused(live: Live) -> None:
    pool = live.pool()
    live.user(pool)
    client = live.client(pool)
    asked = Srp(live, pool, client).begin()
    with pytest.raises(NotAuthorized, match="Invalid session"):
        live.ask(
            "RespondToAuthChallenge",
            ClientId=client.id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=asked.session,
            ChallengeResponses={"USERNAME": "alice", "NEW_PASSWORD": "Another-horse-2"},
        )
    with pytest.raises(InvalidParameter, match="SMS_MFA is not supported yet"):
        live.ask("RespondToAuthChallenge", ClientId=client.id, ChallengeName="SMS_MFA", ChallengeResponses={})


@pytest.mark.parametrize("name", ["alice", "ALICE", "alice@example.com", "{sub}"])
def test_an_answer_may_use_any_name_of_the_user(live: Live, name: str) -> None:
    fold = api.UsernameConfigurationType(case_sensitive=False)
    pool = live.pool(alias_attributes=["email"], username_configuration=fold)
    user = live.user(pool)
    srp = Srp(live, pool, live.client(pool))
    claim = srp.claim(srp.begin()) | {"USERNAME": name.format(sub=user.sub)}
    assert srp.answer(claim).authentication_result


@pytest.mark.parametrize("began", ["alice", "nobody", "nobody@example.com"])
def test_an_answer_under_another_name_is_refused_whoever_began(live: Live, began: str) -> None:
    pool = live.pool(alias_attributes=["email"])
    live.user(pool)
    live.user(pool, "bob")
    client = live.client(pool, prevent_user_existence_errors="ENABLED")
    srp = Srp(live, pool, client)
    asked = srp.begin(began)
    claim = srp.claim(asked)
    for name in ("bob", "nobody else", "Alice"):
        with pytest.raises(NotAuthorized, match="Invalid session"):
            srp.answer(claim | {"USERNAME": name})
    if began != "alice":
        for name in (began, asked.challenge_parameters["USER_ID_FOR_SRP"]):
            with pytest.raises(NotAuthorized, match="Incorrect username or password"):
                srp.answer(claim | {"USERNAME": name})
