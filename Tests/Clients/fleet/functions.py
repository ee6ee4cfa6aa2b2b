"""Zips of functions, as users upload them."""

from __future__ import annotations

import io
import zipfile

ROLE = "arn:aws:iam::000000000000:role/functions"

#: A runtime in a few lines of shell: each kind of event has its own behaviour.
BOOTSTRAP = """#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
headers=$(mktemp)
served=0
echo "ready $GREETING"
while :; do
  event=$(curl -sS -D "$headers" "$api/next") || exit 1
  id=$(grep -i '^lambda-runtime-aws-request-id:' "$headers" | tr -d '\\r' | cut -d' ' -f2)
  [ -n "$id" ] || exit 1
  served=$((served + 1))
  echo "got $event"
  case "$event" in
  *fail*) curl -sS -X POST "$api/$id/error" -d '{"errorType": "Broken", "errorMessage": "as told"}' >/dev/null ;;
  *crash*) exit 7 ;;
  *hang*) sleep 600 ;;
  *large*) head -c 200000000 /dev/zero | tail -c 200000000 | wc -c >/dev/null; sleep 600 ;;
  *) curl -sS -X POST "$api/$id/response" -d "{\\"event\\": $event, \\"served\\": $served, \\"pid\\": $$}" >/dev/null ;;
  esac
done
"""


def zip_of(files: dict, mode: int = 0o755) -> bytes:
    """`files` maps paths to texts or bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            info = zipfile.ZipInfo(path)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def create(aws, name: str, zip_file: bytes = b"", runtime: str = "provided.al2023", handler: str = "bootstrap", **fields) -> dict:
    code = {"ZipFile": zip_file or zip_of({"bootstrap": BOOTSTRAP})}
    return aws.create_function(FunctionName=name, Runtime=runtime, Handler=handler, Role=ROLE, Code=code, **fields)
