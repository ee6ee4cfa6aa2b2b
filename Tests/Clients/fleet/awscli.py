"""The AWS command line with the variables that `roost env` prints."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from . import command

AWS = str(Path(sys.executable).with_name("aws"))


@pytest.fixture(scope="module")
def environment(server, roost_binary):
    printed = command.run([str(roost_binary), "env", "--data", str(server.data)], environment=command.without_aws())
    assert printed.returncode == 0, printed.stderr
    exports = dict(re.findall(r"^export (\w+)=['\"]?([^'\"\n]*)['\"]?$", printed.stdout, re.M))
    assert {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"} <= set(exports), printed.stdout
    return command.without_aws(**exports, AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_PAGER="")


@pytest.fixture(scope="module")
def aws(environment):
    def call(*words, fails=False):
        done = command.run([AWS, *words, "--output", "json"], environment=environment, seconds=60)
        assert (done.returncode != 0) == fails, done.stderr
        return done.stderr if fails else json.loads(done.stdout or "null")

    return call
