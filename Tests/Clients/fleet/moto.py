"""A stand-in for AWS: moto's server on a port of the system's choice, in this process."""

from __future__ import annotations

import json

import pytest

from . import api


class Moto:
    """Where moto serves, and boto3 clients for it."""

    region = "us-east-1"

    def __init__(self, url: str):
        self.url = url

    def client(self, service: str, **overrides):
        session = api.session(
            {"accessKeyId": "test", "secretAccessKey": "test", "region": self.region}, **overrides)
        return session.client(service, endpoint_url=self.url, config=api.CONFIG)


@pytest.fixture(scope="session")
def moto():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Moto(f"http://{host}:{port}")
    server.stop()


def with_endpoints(folder, moto: Moto, *services: str, **settings) -> list:
    """Arguments of a server whose rules find `services` at moto; `settings` are further lines of the file (nested maps as dicts)."""
    lines = ["endpoints:"] + [f"  {service}: {moto.url}" for service in services]
    for name, value in settings.items():
        if isinstance(value, dict):
            lines += [f"{name}:"] + [f"  {key}: {json.dumps(inner)}" for key, inner in value.items()]
        else:
            lines.append(f"{name.replace('_', '-')}: {json.dumps(value)}")
    path = folder / "roost.yaml"
    path.write_text("\n".join(lines) + "\n")
    return ["--config", str(path)]
