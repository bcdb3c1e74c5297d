"""botocore writes, we read; we write, botocore reads: every operation of the four services."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import botocore.parsers
import botocore.serialize
import msgspec
import pytest

from shared.aws import json_protocol, query_protocol
from tests.shared.aws.samples import MODULES, OPERATIONS, Sampler, as_wire, operation, service_model

DRAWS = 3


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
def test_what_botocore_sends_is_what_we_read(service: str, name: str) -> None:
    model = service_model(service).operation_model(name)
    serializer = botocore.serialize.create_serializer(service_model(service).metadata["protocol"])
    for draw in range(DRAWS):
        sampler = Sampler(f"{name}{draw}", smallest_map=int(service in {"sts", "iam"}))
        sent = sampler.value(model.input_shape) if model.input_shape else {}
        body = serializer.serialize_to_request(sent, model)["body"]
        if MODULES[service].SERVICE.protocol == "json":
            read = json_protocol.decode(operation(service, name), body)
        else:
            params = query_protocol.form(urlencode(body).encode())
            assert params[:2] == [("Action", name), ("Version", MODULES[service].SERVICE.api_version)]
            read = query_protocol.decode(operation(service, name), params)
            sent = without_empty_structures(sent)
        assert plain(as_wire(read)) == plain(sent)


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
def test_what_we_send_is_what_botocore_reads(service: str, name: str) -> None:
    model = service_model(service).operation_model(name)
    protocol = service_model(service).metadata["protocol"]
    parser = botocore.parsers.create_parser(protocol)
    for draw in range(DRAWS):
        meant = Sampler(f"{name}{draw}").value(model.output_shape) if model.output_shape else {}
        response = msgspec.convert(stamped(meant, protocol), operation(service, name).response)
        if protocol == "json":
            body = json_protocol.encode(response)
        else:
            body = query_protocol.encode(MODULES[service].SERVICE, operation(service, name), response, "a-request")
        got = parser.parse({"body": body, "headers": {}, "status_code": 200}, model.output_shape)
        metadata = got.pop("ResponseMetadata")
        assert metadata.get("RequestId") == ("a-request" if protocol == "query" else None)
        assert plain(got) == plain(meant)


def without_empty_structures(value: Any) -> Any:
    """Query has no way to write an empty structure: botocore leaves it out."""
    if isinstance(value, list):
        return [kept for part in value if (kept := without_empty_structures(part)) != {}]
    if isinstance(value, dict):
        return {key: kept for key, part in value.items() if (kept := without_empty_structures(part)) != {}}
    return value


def stamped(value: Any, protocol: str) -> Any:
    """Times as our JSON structures hold them."""
    if isinstance(value, dict):
        return {key: stamped(part, protocol) for key, part in value.items()}
    if isinstance(value, list):
        return [stamped(part, protocol) for part in value]
    return value.timestamp() if isinstance(value, datetime) and protocol == "json" else value


def plain(value: Any) -> Any:
    """Times as epoch seconds, so that both sides compare."""
    return stamped(value, "json")
