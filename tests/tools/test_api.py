"""The compiler of service models: what it makes of small models, and what stops it."""

from typing import Any

import pytest

from tools import api

METADATA = {
    "protocol": "json",
    "serviceFullName": "Toys",
    "apiVersion": "2026-01-01",
    "targetPrefix": "Toys",
    "endpointPrefix": "toys",
}


def compiled(monkeypatch: pytest.MonkeyPatch, shapes: dict[str, Any], operation: dict[str, Any]) -> str:
    raw = {"metadata": METADATA, "operations": {operation["name"]: operation}, "shapes": shapes}
    monkeypatch.setattr("botocore.loaders.Loader.load_service_model", lambda *_: raw)
    return api.compile_module(api.load("toys"))


def module(text: str) -> dict[str, Any]:
    import sys
    import types

    made = types.ModuleType("compiled_toys")
    sys.modules["compiled_toys"] = made
    exec(text, made.__dict__)
    return made.__dict__


def test_a_model_becomes_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes: dict[str, Any] = {
        "MakeToyInput": {
            "type": "structure",
            "required": ["Name"],
            "members": {
                "Name": {"shape": "toyName"},
                "URLs": {"shape": "Links"},
                "From": {"shape": "Text"},
                "Bytes": {"shape": "Picture"},
            },
        },
        "toyName": {"type": "string", "min": 1, "max": 3, "pattern": "[\\w]+"},
        "Links": {"type": "list", "member": {"shape": "Text"}, "max": 2},
        "Text": {"type": "string", "enum": ["it's", "b"]},
        "Picture": {"type": "blob", "max": 10},
        "ToyBroken": {"type": "structure", "members": {}, "exception": True, "fault": True},
    }
    operation = {"name": "MakeToy", "input": {"shape": "MakeToyInput"}, "errors": [{"shape": "ToyBroken"}]}
    text = compiled(monkeypatch, shapes, operation)
    made = module(text)
    make = made["OPERATIONS"]["MakeToy"]
    assert make.signed
    assert make.errors == ("ToyBroken",)
    assert made["ERRORS"]["ToyBroken"].status == 500
    assert make.response() == made["MakeToyResponse"]()
    assert make.request.__struct_encode_fields__ == ("Name", "URLs", "From", "Bytes")
    assert make.request.__struct_fields__ == ("name", "urls", "from_", "bytes")
    assert 'extra={"pattern": r"[\\w]+"}' in text


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "list", "member": {"shape": "Text"}, "flattened": True},
        {"type": "list", "member": {"shape": "Text", "locationName": "item"}},
        {"type": "structure", "members": {"Token": {"shape": "Text", "idempotencyToken": True}}},
        {"type": "timestamp", "timestampFormat": "iso8601"},
    ],
)
def test_a_trait_that_the_compiler_does_not_know_stops_it(
    monkeypatch: pytest.MonkeyPatch, shape: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="traits unknown to the compiler"):
        compiled(monkeypatch, {"Odd": shape, "Text": {"type": "string"}}, {"name": "MakeToy"})


def test_names_that_clash_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = {"toy": {"type": "string"}, "Toy": {"type": "string"}}
    with pytest.raises(ValueError, match="names that clash"):
        compiled(monkeypatch, shapes, {"name": "MakeToy"})
    with pytest.raises(ValueError, match="names that clash"):
        compiled(monkeypatch, {"Shape": {"type": "string"}}, {"name": "MakeToy"})
