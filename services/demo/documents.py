"""S3's XML: written from plain values, and read from requests with nothing believed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from services.demo.refusals import MalformedXML, NotImplemented501

NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
MOST_KEYS: Final = 1000
MOST_PARTS: Final = 10_000
_LONGEST: Final = 4 << 20
_OTHER_CONDITIONS: Final = frozenset({"VersionId", "LastModifiedTime", "Size"})
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Content = str | int | bool | list["Element"]
Element = tuple[str, Content | None]


def document(name: str, content: Content, *, namespace: bool = True) -> bytes:
    """A whole document. Elements whose content is None are left out."""
    parts: list[str] = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    opening = f'{name} xmlns="{NAMESPACE}"' if namespace else name
    _write(opening, name, content, parts)
    return "".join(parts).encode()


def _write(opening: str, name: str, content: Content, parts: list[str]) -> None:
    parts.append(f"<{opening}>")
    if isinstance(content, list):
        for child, inner in content:
            if inner is not None:
                _write(child, child, inner, parts)
    elif isinstance(content, bool):
        parts.append("true" if content else "false")
    else:
        parts.append(_NOT_XML.sub("\ufffd", escape(str(content), {"\r": "&#13;", '"': "&quot;"})))
    parts.append(f"</{name}>")


@dataclass(frozen=True, slots=True)
class ObjectIdentifier:
    """An object that DeleteObjects names; with an entity tag, only as long as it has that one."""

    key: str
    if_match: str | None


@dataclass(frozen=True, slots=True)
class Deletion:
    """The body of DeleteObjects."""

    objects: tuple[ObjectIdentifier, ...]
    quiet: bool


@dataclass(frozen=True, slots=True)
class NamedPart:
    """A part that CompleteMultipartUpload names; `checksums` by algorithm in lower case."""

    number: int
    etag: str
    checksums: tuple[tuple[str, str], ...]


def read_deletion(body: bytes) -> Deletion:
    """The body of DeleteObjects, 1 to 1000 objects. Raises MalformedXML or NotImplemented501."""
    root = _root(body, "Delete")
    objects = []
    quiet = False
    for child in root:
        name = _local(child)
        if name == "Object":
            objects.append(_object_identifier(child))
        elif name == "Quiet":
            quiet = (child.text or "").strip() == "true"
        else:
            raise MalformedXML
    if not 1 <= len(objects) <= MOST_KEYS:
        raise MalformedXML
    return Deletion(tuple(objects), quiet)


def _object_identifier(element: ET.Element) -> ObjectIdentifier:
    fields = _fields(element, {"Key"})
    for name in fields.keys() - {"Key", "ETag"}:
        if name not in _OTHER_CONDITIONS:
            raise MalformedXML
        raise NotImplemented501(f"DeleteObjects with the element '{name}' is not implemented.", Element=name)
    return ObjectIdentifier(fields["Key"], fields.get("ETag"))


def read_completion(body: bytes) -> tuple[NamedPart, ...]:
    """The body of CompleteMultipartUpload, 1 to 10000 parts. Raises MalformedXML."""
    parts = []
    for child in _root(body, "CompleteMultipartUpload"):
        if _local(child) != "Part":
            raise MalformedXML
        fields = _fields(child, {"PartNumber", "ETag"})
        number = fields["PartNumber"].strip()
        if not re.fullmatch("[0-9]{1,5}", number):
            raise MalformedXML
        checksums = tuple(
            (name.removeprefix("Checksum").lower(), value.strip())
            for name, value in fields.items()
            if name.startswith("Checksum")
        )
        parts.append(NamedPart(int(number), fields["ETag"].strip().strip('"'), checksums))
    if not 1 <= len(parts) <= MOST_PARTS:
        raise MalformedXML
    return tuple(parts)


def read_location(body: bytes) -> str | None:
    """The region that the body of CreateBucket names, None where there is none. Raises MalformedXML."""
    if not body.strip():
        return None
    location = None
    for child in _root(body, "CreateBucketConfiguration"):
        if _local(child) != "LocationConstraint":
            raise MalformedXML(f"{_local(child)} is not supported.")
        location = (child.text or "").strip()
    return location or None


def _root(body: bytes, name: str) -> ET.Element:
    """The document's root. A document type is refused before the parser sees it: entities come from nowhere else."""
    if len(body) > _LONGEST or b"<!" in body:
        raise MalformedXML
    try:
        text = body.decode()
        root = ET.fromstring(text)  # noqa: S314 - no document type, so no entities but XML's own five
    except (ET.ParseError, UnicodeDecodeError, ValueError):
        raise MalformedXML from None
    if _local(root) != name:
        raise MalformedXML
    return root


def _fields(element: ET.Element, needed: Iterable[str]) -> dict[str, str]:
    fields = {}
    for child in element:
        if _local(child) in fields or len(child):
            raise MalformedXML
        fields[_local(child)] = child.text or ""
    if not set(needed) <= fields.keys() or not all(fields[name] for name in needed):
        raise MalformedXML
    return fields


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
