"""DescribeEndpoint: where devices are to connect (reference: endpoint names)."""

import pytest
from fleet.api import refused


@pytest.mark.parametrize("kind", [None, "iot:Data", "iot:Data-ATS", "iot:CredentialProvider", "iot:Jobs"])
def test_endpoint_types(kind, iot):
    arguments = {"endpointType": kind} if kind else {}
    address = iot.describe_endpoint(**arguments)["endpointAddress"]
    assert address and "/" not in address
    assert iot.describe_endpoint(**arguments)["endpointAddress"] == address


def test_an_unknown_type(iot):
    refused(iot.describe_endpoint, "InvalidRequestException", 400, endpointType="iot:Teapot")
