"""What an operation of the store is handed, and how it asks whether it may."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.demo import store
from services.demo.addressing import Target
from services.demo.blobs import Blobs
from services.demo.refusals import NoSuchBucket
from services.demo.store import Bucket
from shared.guard.caller import Caller, ContextValue
from shared.guard.guard import AccessDenied, Grant, Guard
from shared.sql.engine import Sql
from shared.web import HttpRequest


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated S3 request. `body` is the body that was meant, its checksums verified.

    `denied` notes a denial that does not end the request.
    """

    guard: Guard
    sql: Sql
    blobs: Blobs
    region: str
    request: HttpRequest
    grant: Grant
    target: Target
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    checksum: str
    now: datetime
    context: Mapping[str, ContextValue]
    denied: Callable[[AccessDenied], None]

    @property
    def caller(self) -> Caller:
        """Who signed."""
        return self.grant.caller

    def allow(
        self, action: str, resource: str, account: str | None = None, keys: Mapping[str, ContextValue] | None = None
    ) -> None:
        """Raises AccessDenied unless the caller may. `account`: whose resource it is; `keys`: this action's own."""
        self.guard.authorize(self.grant, action, resource, self._context(account, keys), resource_account=account)

    def bucket(self) -> Bucket:
        """The bucket that the request names. Raises NoSuchBucket."""
        return self.bucket_named(self.target.bucket, "x-amz-expected-bucket-owner")

    def bucket_named(self, name: str, owner_header: str) -> Bucket:
        """The bucket called `name`, which belongs to the account in `owner_header`, if that is there.

        Raises NoSuchBucket or AccessDenied.
        """
        bucket = self.sql.current(("bucket", name), lambda tx: store.find_bucket(tx, name))
        if bucket is None:
            raise NoSuchBucket(BucketName=name)
        if self.headers.get(owner_header, bucket.account) != bucket.account:
            raise AccessDenied("Access Denied")
        return bucket

    def _context(self, account: str | None, keys: Mapping[str, ContextValue] | None) -> dict[str, ContextValue]:
        context = {**self.context, **(keys or {})}
        if account is not None:
            context["s3:resourceaccount"] = account
            context["aws:resourceaccount"] = account
        return context
