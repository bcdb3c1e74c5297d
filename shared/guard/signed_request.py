"""What a signature claims: read from the Authorization header or the presigned query, and judged only in form.

AWS: Authenticating requests (Signature Version 4), Authorization header and query parameters.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NoReturn
from urllib.parse import unquote

import msgspec

from shared.guard import canonical
from shared.guard.refusals import (
    IncompleteSignature,
    MissingAuthentication,
    SignatureMismatch,
    UnknownAccessKey,
    UnsignedHeaders,
)

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
AMZ_DATE = "%Y%m%dT%H%M%SZ"
LONGEST_EXPIRY_S = 604_800
_LONGEST_AUTHORIZATION = 4096
_USUAL_HEAD = re.compile(ALGORITHM + r" Credential=([!-+\--<>-~]+), ?SignedHeaders=([!-+\--<>-~]+), ?")
_LONGEST_TARGET = 65_536
_LONGEST_TOKEN = 32_768
_MOST_HEADERS = 256
_MOST_PARAMETERS = 1024
_ONCE_ONLY = frozenset(
    {"authorization", "host", "date", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256", "x-amz-target"}
)
_PRESIGNED = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature")
_PRESIGNED_MARKS = frozenset({"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"})


class SignedRequest(msgspec.Struct, frozen=True):
    """A request with the claims of its signature. Well formed, and nothing more: `sigv4.check` judges it.

    `expires_s`: None without a signature in the query, 0 where the query does not say how long it holds.

    A Struct and not a dataclass: it is made for each signed call, and travels to the authorizer as it is.
    """

    method: str
    raw_path: str
    query: str
    canonical_headers: str
    signed_headers: str
    access_key_id: str
    date: str
    region: str
    service: str
    signature: str
    amz_date: str
    requested_at: datetime
    security_token: str | None
    payload_claim: str | None
    expires_s: int | None

    @property
    def presigned(self) -> bool:
        """Whether the signature came in the query."""
        return self.expires_s is not None

    @property
    def scope(self) -> str:
        """Day, region, service and terminator, as the string to sign has them."""
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"


def parse(method: str, raw_path: str, query: str, headers: Sequence[tuple[str, str]]) -> SignedRequest:
    """Method, path and query as received, headers in order of arrival -> the claims of the signature.

    Raises MissingAuthentication, IncompleteSignature, SignatureMismatch (a header that must be signed is not) or
    UnknownAccessKey (a temporary key without its token).
    """
    if len(raw_path) > _LONGEST_TARGET or len(query) > _LONGEST_TARGET:
        raise IncompleteSignature("The request target is too long.")
    if raw_path and raw_path[0] != "/":
        raise IncompleteSignature("The path of the request must begin with a slash.")
    found = _by_name(headers)
    parameters = _parameters(query) if query else {}
    authorization = found.get("authorization")
    if authorization is not None:
        if not _PRESIGNED_MARKS.isdisjoint(parameters):
            raise IncompleteSignature(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
                "parameter or the Authorization header should be specified"
            )
        credential, signed_headers, signature = _authorization(authorization, found)
        amz_date, requested_at = _date_of(found)
        token, expires_s = found.get("x-amz-security-token"), None
        payload_claim = found.get("x-amz-content-sha256")
    elif not _PRESIGNED_MARKS.isdisjoint(parameters):
        credential, signed_headers, signature = _presigned(parameters)
        amz_date, requested_at = parameters["X-Amz-Date"], _moment(parameters["X-Amz-Date"])
        token, expires_s = parameters.get("X-Amz-Security-Token"), _expiry(parameters.get("X-Amz-Expires"))
        if "x-amz-security-token" in found:
            raise IncompleteSignature("A presigned request carries its security token in the query only.")
        payload_claim = found.get("x-amz-content-sha256", parameters.get("X-Amz-Content-Sha256"))
    else:
        raise MissingAuthentication
    access_key_id, date, region, service = _credential(credential)
    _check_token(access_key_id, token)
    return SignedRequest(
        method,
        raw_path,
        query,
        _canonical_headers(signed_headers, found),
        signed_headers,
        access_key_id,
        date,
        region,
        service,
        signature,
        amz_date,
        requested_at,
        token,
        payload_claim,
        expires_s,
    )


def _by_name(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Lower-case name -> value; values of a repeated header joined with a comma in order of arrival."""
    if len(headers) > _MOST_HEADERS:
        raise IncompleteSignature("The request has too many headers.")
    found = dict(headers)
    names = "".join(found)
    if not names.isascii():  # before lower(): the Kelvin sign becomes a plain k
        raise IncompleteSignature("The name of a header is not ASCII.")
    if len(found) == len(headers) and names == names.lower():  # as they come from the server
        return found
    found = {name.lower(): value for name, value in headers}
    return found if len(found) == len(headers) else _joined(headers)


def _joined(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        if key not in found:
            found[key] = value
        elif key in _ONCE_ONLY:
            raise IncompleteSignature(f"The header '{key}' may be given only once.")
        else:
            found[key] = f"{canonical.header_value(found[key])},{canonical.header_value(value)}"
    return found


def _parameters(query: str) -> dict[str, str]:
    """The decoded X-Amz-* parameters of the query. One given twice is refused: readers would differ on which counts."""
    pairs = query.split("&")
    if len(pairs) > _MOST_PARAMETERS:
        raise IncompleteSignature("The request has too many query parameters.")
    found: dict[str, str] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        name = unquote(name)
        if name.startswith("X-Amz-"):
            if name in found:
                raise IncompleteSignature("An X-Amz parameter of the query may be given only once.")
            found[name] = unquote(value, errors="surrogateescape")
    return found


def _authorization(text: str, found: Mapping[str, str]) -> tuple[str, str, str]:
    """Credential, signed headers and signature of an Authorization header."""
    head, _, signature = text.rpartition("Signature=")
    known = _usual_head(head) if len(signature) == 64 and signature.isascii() and signature.isalnum() else None
    if known is not None:
        return *known, signature
    text = text.strip()
    if len(text) > _LONGEST_AUTHORIZATION or not (text.isascii() and text.isprintable()):
        raise IncompleteSignature("The Authorization header is too long or holds characters that it may not hold.")
    algorithm, _, rest = text.partition(" ")
    parts: dict[str, str] = {}
    if algorithm == ALGORITHM:
        for part in rest.replace(",", " ").split():
            name, equals, value = part.partition("=")
            if not equals:
                raise IncompleteSignature(
                    "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and "
                    f"encoded with Base64): '{_fingerprint(text)}'."
                )
            if name in parts:
                raise IncompleteSignature(f"Authorization header has the '{name}' parameter twice.")
            parts[name] = value
    elif algorithm.startswith("AWS4-"):
        raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{algorithm}'.")
    try:
        return parts["Credential"], parts["SignedHeaders"], parts["Signature"]
    except KeyError:
        _refuse_incomplete(text, parts, found)


@lru_cache(maxsize=512)  # all that stands before the signature is the same in each request of a client in a day
def _usual_head(text: str) -> tuple[str, str] | None:
    usual = _USUAL_HEAD.fullmatch(text) if len(text) <= _LONGEST_AUTHORIZATION else None
    return (usual[1], usual[2]) if usual else None


def _refuse_incomplete(text: str, parts: Mapping[str, str], found: Mapping[str, str]) -> NoReturn:
    missing = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if name not in parts
    ]
    if "x-amz-date" not in found and "date" not in found:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    missing.append(f"(Hashed with SHA-256 and encoded with Base64) Authorization={_fingerprint(text)}")
    raise IncompleteSignature(" ".join(missing))


def _fingerprint(text: str) -> str:
    """What the refusal shows of a header that may hold somebody's password."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _presigned(parameters: Mapping[str, str]) -> tuple[str, str, str]:
    missing = [name for name in _PRESIGNED if name not in parameters]
    if missing:
        raise IncompleteSignature(" ".join(f"AWS query-string parameters must include '{name}'." for name in missing))
    if not all(parameters[name].isascii() and parameters[name].isprintable() for name in _PRESIGNED):
        raise IncompleteSignature("A signature parameter of the query holds characters that it may not hold.")
    if parameters["X-Amz-Algorithm"] != ALGORITHM:
        raise IncompleteSignature(f"Unsupported AWS 'algorithm': '{parameters['X-Amz-Algorithm'][:64]}'.")
    return parameters["X-Amz-Credential"], parameters["X-Amz-SignedHeaders"], parameters["X-Amz-Signature"]


def _expiry(text: str | None) -> int:
    if text is None:
        return 0
    if not text.isdigit() or len(text) > 6 or not 1 <= int(text) <= LONGEST_EXPIRY_S:
        raise IncompleteSignature("X-Amz-Expires must be a number of seconds from 1 to 604800.")
    return int(text)


def _date_of(found: Mapping[str, str]) -> tuple[str, datetime]:
    """X-Amz-Date, or the Date header where there is none: as the string to sign has it, and as a time."""
    text = found.get("x-amz-date")
    if text is not None:
        text = text.strip()
        return text, _moment(text)
    text = found.get("date", "").strip()
    if not text:
        raise IncompleteSignature(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    if text[:1].isdigit():
        return text, _moment(text)
    try:
        at = parsedate_to_datetime(text[:64])
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        raise _bad_date(text) from None
    return at.strftime(AMZ_DATE), at


def _moment(text: str) -> datetime:
    if (
        len(text) == 16
        and text[8] == "T"
        and text[15] == "Z"
        and text.isascii()
        and f"{text[:8]}{text[9:15]}".isdigit()
    ):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise _bad_date(text)


def _bad_date(text: str) -> IncompleteSignature:
    shown = text[:64] if text.isascii() and text.isprintable() else ""
    return IncompleteSignature(
        f"Date must be in ISO-8601 'basic format'. Got '{shown}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )


@lru_cache(maxsize=512)
def _credential(text: str) -> tuple[str, str, str, str]:
    pieces = text.split("/")
    if len(pieces) != 5:
        raise IncompleteSignature(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{text[:256]}'"
        )
    access_key_id, date, region, service, terminator = pieces
    if terminator != TERMINATOR:
        raise IncompleteSignature(
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator[:64]}'."
        )
    if not access_key_id.replace("_", "").isalnum() or len(access_key_id) > 128:
        raise UnknownAccessKey
    return access_key_id, date, region, service


def _check_token(access_key_id: str, token: str | None) -> None:
    """A temporary key is nothing without its token."""
    if token is None:
        if access_key_id.startswith("ASIA"):
            raise UnknownAccessKey
    elif not token or len(token) > _LONGEST_TOKEN or not token.isascii():
        raise UnknownAccessKey


def _canonical_headers(signed_headers: str, found: Mapping[str, str]) -> str:
    """One line for each signed header. Host, and every X-Amz header of the request, must be among them (R26)."""
    names, signed = _names(signed_headers)
    if "host" not in signed or not found.get("host"):
        raise SignatureMismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    for name in found:
        if name not in signed and name.startswith("x-amz-"):
            raise UnsignedHeaders
    try:
        return canonical.header_lines(names, found)
    except KeyError:
        raise SignatureMismatch from None


@lru_cache(maxsize=512)  # clients send few different lists
def _names(signed_headers: str) -> tuple[tuple[str, ...], frozenset[str]]:
    names = tuple(signed_headers.split(";"))
    signed = frozenset(names)
    if len(signed) != len(names) or sorted(names) != list(names) or signed_headers != signed_headers.lower():
        raise IncompleteSignature("SignedHeaders must be lower-case names in alphabetical order, each named once.")
    return names, signed
