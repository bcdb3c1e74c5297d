"""Random values that fit a botocore shape, and our structures as botocore writes them."""

import functools
import random
import re
from datetime import UTC, datetime
from typing import Any

import botocore.loaders
import botocore.model
import msgspec

from shared.aws import model
from shared.aws.api import cognito_identity, cognito_idp, iam, sts
from shared.aws.model import Operation
from tools.api import CORRECTED
from tools.java_patterns import SEPARATORS, VISIBLE, python_pattern

MODULES: dict[str, Any] = {
    "cognito-idp": cognito_idp,
    "cognito-identity": cognito_identity,
    "sts": sts,
    "iam": iam,
}
OPERATIONS = [(service, name) for service, module in MODULES.items() for name in module.OPERATIONS]
TEXTS = (
    'Zürich <a href="x">&amp;\'</a> 日本語 \t\n 😀',
    "zürich.日本語@example.com",
    "Aa0-9",
    "abcdefgh",
    "0123456789",
    "arn:aws:iam::123456789012:role/Demo",
    "arn:aws:iam::aws:policy/Demo",
    "arn:aws:acm:us-east-1:123456789012:certificate/9",
    "us-east-1_Ab3",
    "us-east-1:0b1c2d3e-0000-4a4a-8b8b-0123456789ab",
    "us-east-1_0b1c2d3e",
    "0b1c2d3e-0000-4a4a-8b8b-0123456789ab",
    "authenticated",
    "Level1",
    "terms-of-use",
    "cognito:english",
    "tknabcdefghijklmnopqrstuvwxy",
    "import-a",
    "{####}",
    "Hello {##here##}",
    "https://example.com/a?b=c#d",
    "/",
    "/division/",
    "v1",
    "o-abcdefghij",
    "o-abcdefghij/r-abcd",
    "p-abcdefgh",
    "tkn0123456789abcdefghijklmno",
    "arn:aws:s3:::a-bucket:9",
    "123456789012",
)


def operation(service: str, name: str) -> Operation:
    found = MODULES[service].OPERATIONS[name]
    assert isinstance(found, Operation)
    return found


@functools.cache
def service_model(service: str) -> botocore.model.ServiceModel:
    raw = botocore.loaders.Loader().load_service_model(service, "service-2")
    for name in CORRECTED.keys() & raw["shapes"].keys():
        raw["shapes"][name]["pattern"] = CORRECTED[name]
    return botocore.model.ServiceModel(raw, service)


class Sampler:
    """Draws values; the same seed draws the same ones. `smallest_map`: Query has no way to write an empty map."""

    def __init__(self, seed: str, smallest_map: int = 0) -> None:
        self.random = random.Random(seed)
        self.smallest_map = smallest_map

    def value(self, shape: Any, depth: int = 0) -> Any:
        match shape.type_name:
            case "structure" if shape.metadata.get("document") or getattr(shape, "is_document_type", False):
                return {"free": [1, 2.5, None, {"form": True}]}
            case "structure":
                return self.structure(shape, depth)
            case "list":
                return [self.value(shape.member, depth + 1) for _ in range(self.size(shape, 0, 3))]
            case "map":
                size = self.size(shape, self.smallest_map, 3)
                return {self.value(shape.key): self.value(shape.value, depth + 1) for _ in range(size)}
            case "string":
                return self.text(shape)
            case "boolean":
                return self.random.random() < 0.5
            case "timestamp":
                return datetime.fromtimestamp(self.random.randrange(0, 4_000_000_000), UTC)
            case "blob":
                return self.random.randbytes(self.size(shape, 0, 40))
            case _:
                return self.random.randint(*self.bounds(shape, -5, 10**9))

    def structure(self, shape: Any, depth: int) -> dict[str, Any]:
        if getattr(shape, "is_tagged_union", False):
            name = self.random.choice(list(shape.members))
            return {name: self.value(shape.members[name], depth + 1)}
        return {
            name: self.value(member, depth + 1)
            for name, member in shape.members.items()
            if name in shape.required_members or (depth < 4 and self.random.random() < 0.6)
        }

    def bounds(self, shape: Any, low: int, high: int) -> tuple[int, int]:
        low = int(shape.metadata.get("min", low))
        return low, max(low, int(shape.metadata.get("max", max(high, low))))

    def size(self, shape: Any, low: int, high: int) -> int:
        low = int(shape.metadata.get("min", low))
        return self.random.randint(low, max(low, min(high, int(shape.metadata.get("max", high)))))

    def text(self, shape: Any) -> str:
        if shape.enum:
            return str(self.random.choice(shape.enum))
        fitting = fitting_texts(shape)
        assert fitting, f"no sample fits {shape.name}: {shape.metadata}"
        return self.random.choice(fitting)


def fitting_texts(shape: Any) -> list[str]:
    """The samples, repeated where need be, that keep the limits of a string shape."""
    low, high = int(shape.metadata.get("min", 0)), int(shape.metadata.get("max", 10**9))
    java = shape.metadata.get("pattern")
    python = python_pattern(java) if java else None
    tried = {(text * max(1, -(-low // len(text))))[:high] for text in TEXTS}
    return sorted(text for text in tried if low <= len(text) and (python is None or matches(python, text)))


def matches(python: str, text: str) -> bool:
    pattern = python.replace(VISIBLE, model.VISIBLE).replace(SEPARATORS, model.SEPARATORS)
    return re.search(pattern, text) is not None


def as_wire(value: Any) -> Any:
    """One of our structures as the dictionary that botocore would hold."""
    if isinstance(value, msgspec.Struct):
        fields = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        return {wire: as_wire(part) for name, wire in fields if (part := getattr(value, name)) is not None}
    if isinstance(value, list):
        return [as_wire(item) for item in value]
    if isinstance(value, dict):
        return {key: as_wire(item) for key, item in value.items()}
    return value
