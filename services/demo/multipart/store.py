"""Uploads under way and their parts: their SQL."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from services.demo.store import Bucket, metadata
from shared.sql.engine import Tx

_UPLOADS = sa.Table(
    "uploads",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("bucket", sa.Text, primary_key=True),
    sa.Column("upload_id", sa.Text, primary_key=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("started_at", sa.Float, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("checksum", sa.Text, nullable=False),
    sa.Index("uploads_by_key", "account_id", "bucket", "key", "upload_id"),
    sqlite_with_rowid=False,
)
_PARTS = sa.Table(
    "upload_parts",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("bucket", sa.Text, primary_key=True),
    sa.Column("upload_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("modified_at", sa.Float, nullable=False),
    sa.Column("blob", sa.Text, nullable=False),
    sa.Column("checksum", sa.Text, nullable=False),
    sa.Index("parts_by_blob", "account_id", "blob"),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload under way. `checksum` is `algorithm:type` or empty."""

    upload_id: str
    key: str
    started_at: datetime
    headers: Mapping[str, str]
    checksum: str


@dataclass(frozen=True, slots=True)
class Part:
    """One uploaded part. `checksum` is `algorithm:value` or empty."""

    number: int
    size: int
    etag: str
    modified_at: datetime
    blob: str
    checksum: str


_ACCOUNT: Final = sa.bindparam("a", type_=sa.Text)
_BUCKET: Final = sa.bindparam("b", type_=sa.Text)
_UPLOAD: Final = sa.bindparam("u", type_=sa.Text)
_KEY: Final = sa.bindparam("k", type_=sa.LargeBinary)
_IN_BUCKET = sa.and_(_UPLOADS.c.account_id == _ACCOUNT, _UPLOADS.c.bucket == _BUCKET)
_OF_UPLOAD = sa.and_(_IN_BUCKET, _UPLOADS.c.upload_id == _UPLOAD)
_OF_PARTS = sa.and_(_PARTS.c.account_id == _ACCOUNT, _PARTS.c.bucket == _BUCKET, _PARTS.c.upload_id == _UPLOAD)

_ADD_UPLOAD = sa.insert(_UPLOADS)
_FIND_UPLOAD = sa.select(_UPLOADS).where(_OF_UPLOAD)
_REMOVE_UPLOAD = sa.delete(_UPLOADS).where(_OF_UPLOAD)
_STARTED_BEFORE = (
    sa.select(_UPLOADS.c.upload_id)
    .where(_IN_BUCKET, _UPLOADS.c.started_at < sa.bindparam("before"))
    .limit(sa.bindparam("most"))
)
_FIND_UPLOADS = (
    sa.select(_UPLOADS)
    .where(
        _IN_BUCKET,
        _UPLOADS.c.key >= sa.bindparam("low", type_=sa.LargeBinary),
        _UPLOADS.c.key < sa.bindparam("high", type_=sa.LargeBinary),
        sa.or_(_UPLOADS.c.key > _KEY, sa.and_(_UPLOADS.c.key == _KEY, _UPLOADS.c.upload_id > _UPLOAD)),
    )
    .order_by(_UPLOADS.c.key, _UPLOADS.c.upload_id)
    .limit(sa.bindparam("most"))
)
_FIND_PARTS = sa.select(_PARTS).where(_OF_PARTS).order_by(_PARTS.c.number)
_FIND_BLOBS = sa.select(_PARTS.c.blob).where(
    _PARTS.c.account_id == _ACCOUNT, _PARTS.c.blob.between(sa.bindparam("low"), sa.bindparam("high"))
)
_REMOVE_PARTS = sa.delete(_PARTS).where(_OF_PARTS)
_PUT_PART = insert(_PARTS)
_PUT_PART = _PUT_PART.on_conflict_do_update(
    index_elements=["account_id", "bucket", "upload_id", "number"],
    set_={name: _PUT_PART.excluded[name] for name in ("size", "etag", "modified_at", "blob", "checksum")},
)


def add_upload(tx: Tx, bucket: Bucket, upload: Upload) -> None:
    """Begins a multipart upload."""
    row = {
        "account_id": bucket.account,
        "bucket": bucket.name,
        "upload_id": upload.upload_id,
        "key": upload.key.encode(),
        "started_at": upload.started_at.timestamp(),
        "headers": json.dumps(dict(upload.headers)),
        "checksum": upload.checksum,
    }
    tx.execute(_ADD_UPLOAD, row)


def find_upload(tx: Tx, bucket: Bucket, upload_id: str, key: str) -> Upload | None:
    """The upload, if it is one of this key's."""
    row = tx.execute(_FIND_UPLOAD, _of(bucket, upload_id)).mappings().first()
    return _upload(row) if row is not None and row["key"] == key.encode() else None


def find_uploads(tx: Tx, bucket: Bucket, low: bytes, high: bytes, after: tuple[bytes, str], most: int) -> list[Upload]:
    """Uploads with low <= key < high behind `after` (a key and an upload id), in the order of both."""
    values = _of(bucket, after[1]) | {"k": after[0], "low": low, "high": high, "most": most}
    return [_upload(row) for row in tx.execute(_FIND_UPLOADS, values).mappings()]


def remove_upload(tx: Tx, bucket: Bucket, upload_id: str) -> list[Part]:
    """Ends an upload; the parts it had."""
    parts = find_parts(tx, bucket, upload_id)
    tx.execute(_REMOVE_PARTS, _of(bucket, upload_id))
    tx.execute(_REMOVE_UPLOAD, _of(bucket, upload_id))
    return parts


def remove_uploads_before(tx: Tx, bucket: Bucket, at: datetime, most: int) -> list[Part]:
    """Ends uploads that began before `at`, at most so many; the parts they had."""
    where = {"a": bucket.account, "b": bucket.name, "before": at.timestamp(), "most": most}
    old = tx.execute(_STARTED_BEFORE, where).scalars().all()
    return [part for upload_id in old for part in remove_upload(tx, bucket, upload_id)]


def find_parts(tx: Tx, bucket: Bucket, upload_id: str) -> list[Part]:
    """The parts of an upload, by number."""
    return [_part(row) for row in tx.execute(_FIND_PARTS, _of(bucket, upload_id)).mappings()]


def find_blobs(tx: Tx, account: str, low: str, high: str) -> set[str]:
    """The names of what an account's parts hold, from `low` to `high`."""
    return set(tx.execute(_FIND_BLOBS, {"a": account, "low": low, "high": high}).scalars())


def put_part(tx: Tx, bucket: Bucket, upload_id: str, part: Part) -> None:
    """Writes the part over an earlier one of its number."""
    row = {
        "account_id": bucket.account,
        "bucket": bucket.name,
        "upload_id": upload_id,
        "number": part.number,
        "size": part.size,
        "etag": part.etag,
        "modified_at": part.modified_at.timestamp(),
        "blob": part.blob,
        "checksum": part.checksum,
    }
    tx.execute(_PUT_PART, row)


def _of(bucket: Bucket, upload_id: str) -> dict[str, object]:
    return {"a": bucket.account, "b": bucket.name, "u": upload_id}


def _upload(row: sa.RowMapping) -> Upload:
    return Upload(
        row["upload_id"],
        bytes(row["key"]).decode(),
        _at(row["started_at"]),
        json.loads(row["headers"]),
        row["checksum"],
    )


def _part(row: sa.RowMapping) -> Part:
    return Part(row["number"], row["size"], row["etag"], _at(row["modified_at"]), row["blob"], row["checksum"])


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
