"""Functions of Terraform (aws_lambda_function, aws_lambda_permission): applied, planned clean, changed, destroyed."""

import json

import pytest
from fleet import api
from fleet.functions import BOOTSTRAP, ROLE, zip_of

FUNCTION = """
resource "aws_lambda_function" "light" {
  function_name                  = "light"
  role                           = "%(role)s"
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  filename                       = "%(zip)s"
  source_code_hash               = filebase64sha256("%(zip)s")
  description                    = "%(description)s"
  timeout                        = %(timeout)s
  memory_size                    = 192
  reserved_concurrent_executions = %(reserved)s
  environment {
    variables = { PLACE = "%(description)s" }
  }
  tags = { fleet = "%(description)s" }
}

resource "aws_lambda_permission" "rules" {
  statement_id  = "rules"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.light.function_name
  principal     = "iot.amazonaws.com"
  source_arn    = "arn:aws:iot:us-east-1:000000000000:rule/*"
}
"""


@pytest.fixture
def aws(endpoints):
    return api.client(endpoints, "lambda")


def test_functions_are_applied_changed_and_destroyed(terraform, aws):
    first, second = terraform.folder / "first.zip", terraform.folder / "second.zip"
    first.write_bytes(zip_of({"bootstrap": BOOTSTRAP}))
    second.write_bytes(zip_of({"bootstrap": BOOTSTRAP.replace('"event', '"it')}))

    terraform.apply(FUNCTION % {"role": ROLE, "zip": first, "description": "north", "timeout": 5, "reserved": 2})
    found = aws.get_function(FunctionName="light")
    assert (found["Configuration"]["Timeout"], found["Configuration"]["MemorySize"], found["Tags"]) == (5, 192, {"fleet": "north"})
    assert found["Concurrency"]["ReservedConcurrentExecutions"] == 2
    assert "event" in json.loads(aws.invoke(FunctionName="light", Payload=b"{}")["Payload"].read())
    statement = json.loads(aws.get_policy(FunctionName="light")["Policy"])["Statement"][0]
    assert (statement["Sid"], statement["Principal"]) == ("rules", {"Service": "iot.amazonaws.com"})

    terraform.apply(FUNCTION % {"role": ROLE, "zip": second, "description": "south", "timeout": 6, "reserved": -1})
    found = aws.get_function(FunctionName="light")
    assert (found["Configuration"]["Description"], found["Configuration"]["Timeout"], found["Tags"]) == ("south", 6, {"fleet": "south"})
    assert "Concurrency" not in found
    assert "it" in json.loads(aws.invoke(FunctionName="light", Payload=b"{}")["Payload"].read())

    terraform.destroy()
    assert aws.list_functions()["Functions"] == []
