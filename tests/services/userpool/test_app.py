import base64
import threading
from datetime import UTC, datetime
from pathlib import Path

from services.userpool.app import NAME, compose
from services.userpool.pools import store as pools
from services.userpool.pools.pool import UserPool
from services.userpool.pools.settings import PoolSettings
from services.userpool.schema import metadata
from shared.house import open_house
from shared.settings import read
from shared.web import HttpRequest


def test_the_end_of_a_process_waits_for_no_key_that_nobody_asked_for(tmp_path: Path) -> None:
    settings = read({"POOLKEEPER_DATA": str(tmp_path), "POOLKEEPER_MASTER_KEY": base64.b64encode(bytes(32)).decode()})
    house = open_house(settings, NAME)
    metadata.create_all(house.sql.engine)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    pool = UserPool("us-east-1_Abcdef123", "111122223333", "people", PoolSettings(), now, now)
    with house.sql.write() as tx:
        pools.add_pool(tx, pool)
    service = compose(house)
    path = f"/{pool.id}/.well-known/jwks.json"
    assert service.answer(HttpRequest("GET", path, "", (), b"", "127.0.0.1")).status == 200
    assert _threads_that_make_keys()
    service.close()
    assert not _threads_that_make_keys()
    house.sql.close()


def _threads_that_make_keys() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("spare-keys")]
