"""What README shows to a person is run as it stands there."""

import re
import sys

import pytest
from fleet import command
from support.server import REPOSITORY, environment


@pytest.fixture
def example():
    blocks = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.S)
    assert len(blocks) == 1
    return blocks[0]


def test_the_example(start_server, roost_binary, example, tmp_path):
    server = start_server("aws")
    (tmp_path / ".roost").symlink_to(server.data)
    variables = {**environment(), "HOME": str(tmp_path), "AWS_CONFIG_FILE": "/dev/null"}
    exports = command.run([str(roost_binary), "env"], environment=variables).stdout
    assert "AWS_ENDPOINT_URL" in exports, exports
    (tmp_path / "example.py").write_text(example)
    shell = 'eval "$1"; exec "$2" "$3"'
    done = command.run(["sh", "-c", shell, "sh", exports, sys.executable, str(tmp_path / "example.py")], environment=variables, seconds=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == 'fleet/greenhouse/commands {"fan": "on"}\n'
