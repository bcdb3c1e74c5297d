"""What the store knows of buckets, objects and notes: its SQL. Keys are bytes, so that they sort as S3 sorts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from services.demo.layout import KeptPart
from shared.refusal import Unavailable
from shared.sql.engine import Sql, Tx

metadata = sa.MetaData()
_BUCKETS = sa.Table(
    "buckets",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Index("buckets_by_account", "account_id", "name"),
)
_OBJECTS = sa.Table(
    "objects",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("bucket", sa.Text, primary_key=True),
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("modified_at", sa.Float, nullable=False),
    sa.Column("blob", sa.Text, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("checksum", sa.Text, nullable=False),
    sa.Index("objects_by_blob", "account_id", "blob"),
    sqlite_with_rowid=False,
)
_OBJECT_PARTS = sa.Table(
    "object_parts",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("blob", sa.Text, primary_key=True),
    sa.Column("parts", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
_NOTES = sa.Table(
    "notes",
    metadata,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("note_id", sa.Text, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket; it belongs to the account that made it."""

    name: str
    account: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What is known of an object. `checksum` is `algorithm:value` or empty; `headers` come back as they were given."""

    key: str
    size: int
    etag: str
    modified_at: datetime
    blob: str
    headers: Mapping[str, str] = field(default_factory=dict)
    checksum: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A note of the second protected resource."""

    note_id: str
    text: str
    changed_at: datetime


_ACCOUNT: Final = sa.bindparam("a", type_=sa.Text)
_BUCKET: Final = sa.bindparam("b", type_=sa.Text)
_KEY: Final = sa.bindparam("k", type_=sa.LargeBinary)
_OF_OBJECT = sa.and_(_OBJECTS.c.account_id == _ACCOUNT, _OBJECTS.c.bucket == _BUCKET, _OBJECTS.c.key == _KEY)
_IN_BUCKET = sa.and_(_OBJECTS.c.account_id == _ACCOUNT, _OBJECTS.c.bucket == _BUCKET)
_OF_NOTE = sa.and_(_NOTES.c.account_id == _ACCOUNT, _NOTES.c.note_id == sa.bindparam("n"))

_FIND_BUCKET = sa.select(_BUCKETS).where(_BUCKETS.c.name == _BUCKET)
_FIND_BUCKETS = (
    sa.select(_BUCKETS)
    .where(
        _BUCKETS.c.account_id == _ACCOUNT,
        _BUCKETS.c.name > sa.bindparam("after"),
        sa.func.substr(_BUCKETS.c.name, 1, sa.func.length(sa.bindparam("prefix"))) == sa.bindparam("prefix"),
    )
    .order_by(_BUCKETS.c.name)
    .limit(sa.bindparam("most"))
)
_ADD_BUCKET = insert(_BUCKETS).on_conflict_do_nothing()
_REMOVE_BUCKET = sa.delete(_BUCKETS).where(_BUCKETS.c.name == _BUCKET, _BUCKETS.c.account_id == _ACCOUNT)
_ANY_OBJECT = sa.select(_OBJECTS.c.key).where(_IN_BUCKET).limit(1)
_FIND_OBJECT = sa.select(_OBJECTS).where(_OF_OBJECT)
_FIND_OBJECTS = (
    sa.select(_OBJECTS)
    .where(_IN_BUCKET, _OBJECTS.c.key >= sa.bindparam("low"), _OBJECTS.c.key < sa.bindparam("high"))
    .order_by(_OBJECTS.c.key)
    .limit(sa.bindparam("most"))
)
_PUT_OBJECT = insert(_OBJECTS)
_PUT_OBJECT = _PUT_OBJECT.on_conflict_do_update(
    index_elements=["account_id", "bucket", "key"],
    set_={name: _PUT_OBJECT.excluded[name] for name in ("size", "etag", "modified_at", "blob", "headers", "checksum")},
)
_FIND_BLOBS = sa.select(_OBJECTS.c.blob).where(
    _OBJECTS.c.account_id == _ACCOUNT, _OBJECTS.c.blob.between(sa.bindparam("low"), sa.bindparam("high"))
)
_REMOVE_OBJECT = sa.delete(_OBJECTS).where(_OF_OBJECT)
_OF_PARTS = sa.and_(_OBJECT_PARTS.c.account_id == _ACCOUNT, _OBJECT_PARTS.c.blob == sa.bindparam("blob_name"))
_ADD_PARTS = sa.insert(_OBJECT_PARTS)
_FIND_PARTS = sa.select(_OBJECT_PARTS.c.parts).where(_OF_PARTS)
_REMOVE_PARTS = sa.delete(_OBJECT_PARTS).where(_OF_PARTS)
_FIND_NOTE = sa.select(_NOTES).where(_OF_NOTE)
_FIND_NOTES = sa.select(_NOTES).where(_NOTES.c.account_id == _ACCOUNT).order_by(_NOTES.c.note_id).limit(1000)
_PUT_NOTE = insert(_NOTES)
_PUT_NOTE = _PUT_NOTE.on_conflict_do_update(
    index_elements=["account_id", "note_id"],
    set_={name: _PUT_NOTE.excluded[name] for name in ("text", "changed_at")},
)
_REMOVE_NOTE = sa.delete(_NOTES).where(_OF_NOTE)


def make_tables(sql: Sql) -> None:
    """Makes what is missing; several processes may start at once."""
    with sql.write() as tx:
        metadata.create_all(tx)


def answers(sql: Sql) -> bool:
    """Whether the database answers."""
    try:
        with sql.read() as tx:
            tx.execute(_FIND_BUCKET, {"b": ""}).first()
    except Unavailable:
        return False
    return True


def empty_tables(sql: Sql) -> None:
    """Forgets everything; the files are the caller's to remove."""
    with sql.write() as tx:
        for table in metadata.sorted_tables:
            tx.execute(sa.delete(table))


def find_bucket(tx: Tx, name: str) -> Bucket | None:
    """The bucket called `name`, whoever owns it: the names of all accounts are one space."""
    row = tx.execute(_FIND_BUCKET, {"b": name}).mappings().first()
    return None if row is None else _bucket(row)


def find_buckets(tx: Tx, account: str, after: str, prefix: str, most: int) -> list[Bucket]:
    """An account's buckets in the order of their names."""
    rows = tx.execute(_FIND_BUCKETS, {"a": account, "after": after, "prefix": prefix, "most": most}).mappings()
    return [_bucket(row) for row in rows]


def add_bucket(tx: Tx, bucket: Bucket) -> bool:
    """Whether the name was free and is now this account's."""
    row = {"name": bucket.name, "account_id": bucket.account, "created_at": bucket.created_at.timestamp()}
    return tx.execute(_ADD_BUCKET, row).rowcount == 1


def is_empty(tx: Tx, bucket: Bucket) -> bool:
    """Whether there is no object in it."""
    return tx.execute(_ANY_OBJECT, {"a": bucket.account, "b": bucket.name}).first() is None


def remove_bucket(tx: Tx, bucket: Bucket) -> None:
    """Removes an empty bucket."""
    tx.execute(_REMOVE_BUCKET, {"a": bucket.account, "b": bucket.name})


def find_object(tx: Tx, bucket: Bucket, key: str) -> StoredObject | None:
    """One object."""
    row = tx.execute(_FIND_OBJECT, {"a": bucket.account, "b": bucket.name, "k": key.encode()}).mappings().first()
    return None if row is None else _object(row)


def find_objects(tx: Tx, bucket: Bucket, low: bytes, high: bytes, most: int) -> list[StoredObject]:
    """Objects with low <= key < high, in the order of their keys' bytes."""
    values = {"a": bucket.account, "b": bucket.name, "low": low, "high": high, "most": most}
    return [_object(row) for row in tx.execute(_FIND_OBJECTS, values).mappings()]


def find_blobs(tx: Tx, account: str, low: str, high: str) -> set[str]:
    """The names of what an account's objects hold, from `low` to `high`."""
    return set(tx.execute(_FIND_BLOBS, {"a": account, "low": low, "high": high}).scalars())


def put_object(tx: Tx, bucket: Bucket, stored: StoredObject) -> None:
    """Writes the object over what was there."""
    row = {
        "account_id": bucket.account,
        "bucket": bucket.name,
        "key": stored.key.encode(),
        "size": stored.size,
        "etag": stored.etag,
        "modified_at": stored.modified_at.timestamp(),
        "blob": stored.blob,
        "headers": json.dumps(dict(stored.headers)),
        "checksum": stored.checksum,
    }
    tx.execute(_PUT_OBJECT, row)


def remove_object(tx: Tx, bucket: Bucket, key: str) -> str | None:
    """Removes the object; its blob's name, None where there was no object."""
    stored = find_object(tx, bucket, key)
    if stored is None:
        return None
    forget_parts(tx, bucket, stored)
    tx.execute(_REMOVE_OBJECT, {"a": bucket.account, "b": bucket.name, "k": key.encode()})
    return stored.blob


def add_parts(tx: Tx, bucket: Bucket, blob: str, parts: Sequence[KeptPart]) -> None:
    """Keeps of which parts the blob was made."""
    text = json.dumps([[part.size, part.checksum] for part in parts])
    tx.execute(_ADD_PARTS, {"account_id": bucket.account, "blob": blob, "parts": text})


def find_parts(tx: Tx, bucket: Bucket, stored: StoredObject) -> list[KeptPart]:
    """The parts that the object was made of; none where it came at once or is a copy."""
    text = tx.execute(_FIND_PARTS, {"a": bucket.account, "blob_name": stored.blob}).scalar()
    return [KeptPart(size, checksum) for size, checksum in json.loads(text)] if text else []


def forget_parts(tx: Tx, bucket: Bucket, stored: StoredObject) -> None:
    """The object is going, and so is what is known of its parts."""
    if "-" in stored.etag:  # only then was it made of parts
        tx.execute(_REMOVE_PARTS, {"a": bucket.account, "blob_name": stored.blob})


def find_note(tx: Tx, account: str, note_id: str) -> Note | None:
    """One note."""
    row = tx.execute(_FIND_NOTE, {"a": account, "n": note_id}).mappings().first()
    return None if row is None else Note(row["note_id"], row["text"], _at(row["changed_at"]))


def find_notes(tx: Tx, account: str) -> Sequence[Note]:
    """An account's notes, at most 1000."""
    rows = tx.execute(_FIND_NOTES, {"a": account}).mappings()
    return [Note(row["note_id"], row["text"], _at(row["changed_at"])) for row in rows]


def put_note(tx: Tx, account: str, note: Note) -> None:
    """Writes the note over an earlier one of its id."""
    row = {
        "account_id": account,
        "note_id": note.note_id,
        "text": note.text,
        "changed_at": note.changed_at.timestamp(),
    }
    tx.execute(_PUT_NOTE, row)


def remove_note(tx: Tx, account: str, note_id: str) -> bool:
    """Whether there was such a note; it is gone now."""
    return tx.execute(_REMOVE_NOTE, {"a": account, "n": note_id}).rowcount == 1


def _bucket(row: sa.RowMapping) -> Bucket:
    return Bucket(row["name"], row["account_id"], _at(row["created_at"]))


def _object(row: sa.RowMapping) -> StoredObject:
    headers: dict[str, Any] = json.loads(row["headers"])
    return StoredObject(
        key=bytes(row["key"]).decode(),
        size=row["size"],
        etag=row["etag"],
        modified_at=_at(row["modified_at"]),
        blob=row["blob"],
        headers=headers,
        checksum=row["checksum"],
    )


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
