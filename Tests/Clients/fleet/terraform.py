"""Terraform with the AWS provider against a server under test."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Mapping, Optional

import pytest

#: Starting the provider takes seconds on a busy machine.
SECONDS = 240

PROVIDER = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "%(region)s"
  access_key                  = "%(accessKeyId)s"
  secret_key                  = "%(secretAccessKey)s"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {
    firehose = "%(api)s"
    iam      = "%(api)s"
    iot      = "%(api)s"
    kinesis  = "%(api)s"
    lambda   = "%(api)s"
    sns      = "%(api)s"
    sqs      = "%(api)s"
  }
}
"""


def plugin_folder() -> Optional[str]:
    """A folder of providers that was unpacked on this machine; without one Terraform asks its registry."""
    named = os.environ.get("ROOST_TEST_TERRAFORM_PLUGINS")
    found = [named] if named else [str(Path(path).parent) for path in glob.glob("/opt/*/registry.terraform.io")]
    return found[0] if found else None


class Terraform:
    """One folder with a configuration and its state."""

    def __init__(self, folder: Path, endpoints: Mapping[str, Any]):
        self.folder = folder
        self.provider = PROVIDER % endpoints

    def write(self, configuration: str) -> None:
        (self.folder / "main.tf").write_text(self.provider + configuration)

    def run(self, *words: str) -> subprocess.CompletedProcess:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "TF_"))}
        return subprocess.run(
            ["terraform", *words, "-no-color", "-input=false"] if words[0] != "show" else ["terraform", *words],
            cwd=self.folder, env={**environment, "CHECKPOINT_DISABLE": "1"}, capture_output=True, text=True, timeout=SECONDS,
        )  # fmt: skip

    def start(self) -> None:
        """Skips the test where the provider cannot be had."""
        if shutil.which("terraform") is None:
            pytest.skip("terraform is not installed")
        self.write("")
        plugins = plugin_folder()
        done = self.run("init", *([f"-plugin-dir={plugins}"] if plugins else []))
        if done.returncode != 0:
            pytest.skip(f"terraform has no AWS provider here: {done.stderr[-300:]}")

    def apply(self, configuration: str) -> None:
        """Applies, and demands that nothing is left to change."""
        self.write(configuration)
        self._demand(self.run("apply", "-auto-approve"))
        plan = self.run("plan", "-detailed-exitcode")
        assert plan.returncode == 0, f"the plan after the apply is not clean:\n{plan.stdout[-4000:]}{plan.stderr[-2000:]}"

    def destroy(self) -> None:
        self._demand(self.run("destroy", "-auto-approve"))

    @staticmethod
    def _demand(done: subprocess.CompletedProcess) -> None:
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


@pytest.fixture
def terraform(endpoints, tmp_path):
    made = Terraform(tmp_path, endpoints)
    made.start()
    return made
