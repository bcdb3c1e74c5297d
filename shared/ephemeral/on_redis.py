"""The port on Redis; Cluster-safe, since every call names one key. Falls back when Redis does not answer."""

from collections.abc import Callable
from typing import Final, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.clock import monotonic_s
from shared.ephemeral.port import Ephemeral

_COUNT: Final = """
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return n
"""
_REST_S = 1.0
_T = TypeVar("_T")


def check_url(url: str) -> None:
    """Raises ValueError for a URL that no connection could be made of. Connects to nobody."""
    try:
        redis.Redis.from_url(url).connection_pool.make_connection()
    except (TypeError, ValueError, redis.RedisError) as error:
        raise ValueError(str(error)) from error


class OnRedis:
    """Ephemeral state on Redis; while it is away each call goes to `fallback`, and Redis is asked again after a second."""

    def __init__(self, url: str, fallback: Ephemeral, prefix: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=0.3,
            socket_connect_timeout=0.3,
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),  # never after a time limit
        )
        self._count = self._redis.register_script(_COUNT)
        self._fallback = fallback
        self._prefix = prefix
        self._rest_until = 0.0

    def put(self, key: str, value: bytes, ttl_s: int) -> None:
        self._ask(
            lambda: self._redis.set(self._name("v", key), value, ex=ttl_s),
            lambda: self._fallback.put(key, value, ttl_s),
        )

    def look(self, key: str) -> bytes | None:
        return self._ask(lambda: _bytes(self._redis.get(self._name("v", key))), lambda: self._fallback.look(key))

    def take(self, key: str) -> bytes | None:
        return self._ask(lambda: _bytes(self._redis.getdel(self._name("v", key))), lambda: self._fallback.take(key))

    def claim(self, key: str, ttl_s: int) -> bool:
        return self._ask(
            lambda: bool(self._redis.set(self._name("c", key), b"", ex=ttl_s, nx=True)),
            lambda: self._fallback.claim(key, ttl_s),
        )

    def count(self, key: str, window_s: int) -> int:
        return self._ask(
            lambda: int(str(self._count(keys=[self._name("n", key)], args=[window_s]))),
            lambda: self._fallback.count(key, window_s),
        )

    def notify(self, topic: str) -> None:
        self._ask(lambda: self._redis.incr(self._name("g", topic)), lambda: None)
        self._fallback.notify(topic)

    def generation(self, topic: str) -> int:
        return self._ask(
            lambda: int(_bytes(self._redis.get(self._name("g", topic))) or b"0"),
            lambda: self._fallback.generation(topic),
        )

    def clear(self) -> None:
        self._fallback.clear()
        for name in list(self._redis.scan_iter(match=f"{self._prefix}:*")):
            self._redis.delete(name)

    def _name(self, kind: str, key: str) -> str:
        return f"{self._prefix}:{kind}:{key}"

    def _ask(self, ask: Callable[[], _T], otherwise: Callable[[], _T]) -> _T:
        if monotonic_s() < self._rest_until:
            return otherwise()
        try:
            return ask()
        except redis.RedisError:
            self._rest_until = monotonic_s() + _REST_S
            return otherwise()


def _bytes(value: object) -> bytes | None:
    return value if isinstance(value, bytes) else None
