"""`roost serve` as other tools rely on it: endpoints.json, configuration, ports, signals, one server per folder."""

import http.client
import json
import os
import socket
import sqlite3
import ssl
import subprocess
import time
from urllib.parse import urlsplit

import pytest
from fleet import api, command
from fleet.device import make_device
from fleet.inbox import eventually
from fleet.paho_client import PahoClient
from fleet.signed import request, send
from support.mqtt_raw import MQTTClient, Type
from support.server import Server, environment

KEYS = {
    "pid", "account", "region", "api", "mqtts", "https", "mqtt", "console", "accessKeyId", "secretAccessKey", "caFile",
}  # fmt: skip


@pytest.fixture
def refused_start(roost_binary, tmp_path):
    """Runs a server that must not start; returns the exit code and what it said."""

    def start(*arguments, **variables):
        words = [str(roost_binary), "serve", "--data", str(tmp_path / "refused"), "--api-port", "0", "--mqtts-port", "0", "--https-port", "0",
                 "--console-port", "0", *arguments]  # fmt: skip
        done = command.run(words, environment={**environment(), **variables}, seconds=30)
        assert done.returncode != 0, "it started"
        return done.returncode, done.stdout + done.stderr

    return start


class TestEndpointsFile:
    def test_keys_and_forms(self, server):
        found = json.loads((server.data / "endpoints.json").read_text())
        assert set(found) == KEYS
        assert found["pid"] == server.process.pid
        assert found["account"] == "000000000000"
        assert found["region"] == "us-east-1"
        for key in ("api", "https", "console"):
            assert urlsplit(found[key]).scheme in ("http", "https") and urlsplit(found[key]).port
        for key in ("mqtts", "mqtt"):
            host, port = found[key].rsplit(":", 1)
            assert host and 0 < int(port) < 65536
        assert os.path.isabs(found["caFile"]) and "BEGIN CERTIFICATE" in open(found["caFile"]).read()

    def test_the_secret_is_for_the_owner_only(self, server):
        assert (server.data / "endpoints.json").stat().st_mode & 0o077 == 0

    def test_it_goes_at_a_clean_stop(self, start_server):
        server = start_server("aws")
        assert server.stop() == 0
        assert not (server.data / "endpoints.json").exists()

    def test_what_is_off_is_null(self, start_server):
        server = start_server("aws", "--mqtt-port", "off", "--console-port", "off")
        assert server.endpoints.mqtt is None
        assert server.endpoints.console is None

    def test_keys_and_authority_outlive_a_restart(self, start_server):
        server = start_server("aws")
        before = vars(server.endpoints)
        authority = open(before["caFile"]).read()
        server.restart()
        after = vars(server.endpoints)
        assert (after["accessKeyId"], after["secretAccessKey"]) == (before["accessKeyId"], before["secretAccessKey"])
        assert open(after["caFile"]).read() == authority


class TestListening:
    def test_loopback_only_by_default(self, server):
        port = urlsplit(server.endpoints.api).port
        for address in other_addresses():
            with pytest.raises(OSError):
                socket.create_connection((address, port), timeout=2)

    def test_an_address_that_is_not_loopback_speaks_https_alone(self, start_server):
        server = start_server("aws", "--listen", "0.0.0.0")
        url = urlsplit(server.endpoints.api)
        assert url.scheme == "https"
        plain = http.client.HTTPConnection("127.0.0.1", url.port, timeout=5)
        try:
            plain.request("GET", "/health")
            assert plain.getresponse().status >= 400
        except (OSError, http.client.HTTPException):
            pass
        trust = ssl.create_default_context(cafile=server.endpoints.caFile)
        secure = http.client.HTTPSConnection("localhost", url.port, timeout=5, context=trust)
        secure.request("GET", "/health")
        assert secure.getresponse().status == 200

    def test_unless_it_is_allowed(self, start_server):
        server = start_server("aws", "--listen", "0.0.0.0", "--allow-plain-http")
        plain = http.client.HTTPConnection("127.0.0.1", urlsplit(server.endpoints.api).port, timeout=5)
        plain.request("GET", "/health")
        assert plain.getresponse().status == 200

    def test_plain_mqtt_stays_on_loopback(self, start_server):
        server = start_server("aws", "--listen", "0.0.0.0")
        assert server.mqtt_address[0] in ("127.0.0.1", "::1", "localhost")
        for address in other_addresses():
            with pytest.raises(OSError):
                socket.create_connection((address, server.mqtt_address[1]), timeout=2)

    def test_a_port_in_use(self, refused_start):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            _, said = refused_start("--mqtts-port", port)
        assert port in said and "in use" in said


def other_addresses():
    """This machine's addresses that are not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return [] if probe.getsockname()[0].startswith("127.") else [probe.getsockname()[0]]
        except OSError:
            return []


class TestConfiguration:
    def test_flag_over_environment_over_file_over_default(self, monkeypatch, start_server, tmp_path):
        path = tmp_path / "roost.yaml"
        path.write_text("region: eu-west-1\naccount: '111122223333'\nlog-format: json\n")
        variables = {"ROOST_REGION": "us-west-2", "ROOST_ACCOUNT": "444455556666"}
        monkeypatch.setattr("support.server.environment", lambda: {**environment(), **variables})
        server = start_server("aws", "--region", "ap-south-1", "--config", str(path))
        assert server.endpoints.region == "ap-south-1"
        assert server.endpoints.account == "444455556666"
        assert any(line.startswith("{") for line in server.log_tail().splitlines())

    def test_the_account_and_region_are_in_every_arn(self, start_server):
        server = start_server("aws", "--account", "123456789012", "--region", "eu-central-1")
        iot = api.client(vars(server.endpoints), "iot")
        assert iot.create_thing(thingName="t")["thingArn"] == "arn:aws:iot:eu-central-1:123456789012:thing/t"

    @pytest.mark.parametrize(
        "arguments, word",
        [
            (["--account", "12"], "12"),
            (["--profile", "azure"], "azure"),
            (["--api-port", "70000"], "70000"),
            (["--no-such-flag"], "no-such-flag"),
            (["--event-loops", "0"], "event-loops"),
            (["--config", "/nonexistent/roost.yaml"], "/nonexistent/roost.yaml"),
        ],
    )
    def test_a_mistake_is_named(self, arguments, word, refused_start):
        _, said = refused_start(*arguments)
        assert word in said

    def test_a_mistake_in_the_file_or_the_environment_is_named(self, refused_start, tmp_path):
        path = tmp_path / "roost.yaml"
        path.write_text("profil: open\n")
        assert "profil" in refused_start("--config", str(path))[1]
        path.write_text("profile: [open\n")
        assert str(path) in refused_start("--config", str(path))[1]
        assert "ROOST_REGION" in refused_start(ROOST_REGION="not a region")[1]


class TestLife:
    def test_a_second_server_on_a_folder_is_refused_with_the_first_ones_pid(self, server, roost_binary):
        words = [str(roost_binary), "serve", "--data", str(server.data), "--api-port", "0", "--mqtts-port", "0", "--https-port", "0", "--console-port", "0"]
        done = command.run(words, environment=environment())
        assert done.returncode != 0
        assert str(server.process.pid) in done.stdout + done.stderr
        # The first one's file is as it was.
        assert json.loads((server.data / "endpoints.json").read_text())["pid"] == server.process.pid

    def test_sigterm_tells_clients_and_exits_with_0(self, start_server):
        server = start_server("aws")
        client = MQTTClient(server.mqtt_address)
        client.connect("listener")
        started = time.monotonic()
        assert server.stop() == 0
        last = client.until_closed()[-1]
        assert (last.type, last.reason) == (Type.DISCONNECT, 0x8B)
        assert time.monotonic() - started < 20

    def test_sigterm_with_idle_connections_of_every_kind(self, start_server, tmp_path, name):
        """Kept-alive HTTP on both ports and a device that is connected: none of them holds the stop up."""
        server = start_server("aws")
        endpoints = vars(server.endpoints)
        trust = ssl.create_default_context(cafile=server.endpoints.caFile)
        kept = []
        for listener in ("api", "https", "console"):
            url = urlsplit(endpoints[listener])
            secure = url.scheme == "https"
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            connection = kind("localhost", url.port, timeout=5, **({"context": trust} if secure else {}))
            connection.request("GET", "/health")
            connection.getresponse().read()
            kept.append(connection)
        device = make_device(endpoints, name, tmp_path)
        client = PahoClient(endpoints, device).connect()
        started = time.monotonic()
        assert server.stop() == 0, server.log_tail()
        assert time.monotonic() - started < 20
        assert client.wait_closed().value == 0x8B

    def test_a_folder_of_a_killed_server_serves_at_once(self, start_server):
        server = start_server("aws")
        iot = api.client(vars(server.endpoints), "iot")
        iot.create_thing(thingName="before")
        server.restart(kill=True)
        assert api.client(vars(server.endpoints), "iot").describe_thing(thingName="before")["version"] == 1

    def test_ephemeral_keeps_nothing(self, start_server):
        server = start_server("aws", ephemeral=True)
        api.client(vars(server.endpoints), "iot").create_thing(thingName="gone")
        assert not list(server.data.rglob("*.sqlite"))
        server.restart()
        assert api.client(vars(server.endpoints), "iot").list_things()["things"] == []

    def test_health_on_the_api_port(self, server):
        answer = send(vars(server.endpoints), request(vars(server.endpoints), "GET", "/health"))
        assert answer.status == 200

    def test_metrics_on_the_console_port(self, server):
        endpoints = vars(server.endpoints)
        answer = send(endpoints, request(endpoints, "GET", "/metrics", listener="console"))
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/plain")
        lines = [line for line in answer.body.decode().splitlines() if line and not line.startswith("#")]
        assert lines and all(len(line.rsplit(" ", 1)) == 2 for line in lines)

    def test_logs_as_json(self, start_server):
        server = start_server("aws", "--log-format", "json", "--log-level", "info")
        lines = [line for line in server.log_tail().splitlines() if line.startswith("{")]
        assert lines
        for line in lines:
            json.loads(line)


class TestDataFolder:
    def test_one_that_a_newer_version_made(self, start_server):
        server = start_server("aws")
        server.stop()
        database = sqlite3.connect(server.data / "roost.sqlite")
        columns = [row[1] for row in database.execute("PRAGMA table_info(roost_migrations)")]
        assert "version" in columns, columns
        database.execute("UPDATE roost_migrations SET version = version + 1000")
        database.commit()
        before = list(database.iterdump())
        database.close()
        done = command.run([*server.command()], environment=environment())
        assert done.returncode != 0
        assert "newer" in done.stdout + done.stderr
        assert list(sqlite3.connect(server.data / "roost.sqlite").iterdump()) == before

    def test_one_without_permission(self, tmp_path):
        if os.geteuid() == 0:
            pytest.skip("root may write everywhere")
        folder = tmp_path / "locked"
        folder.mkdir(mode=0o500)
        done = command.run(Server(folder, "aws").command(), environment=environment())
        assert done.returncode != 0
        assert str(folder) in done.stdout + done.stderr

    def test_one_that_is_a_file(self, tmp_path):
        (tmp_path / "data").write_text("not a folder")
        done = command.run(Server(tmp_path, "aws").command(), environment=environment())
        assert done.returncode != 0
        assert str(tmp_path / "data") in done.stdout + done.stderr

    def test_one_whose_database_is_no_database(self, tmp_path):
        server = Server(tmp_path, "aws")
        server.data.mkdir()
        (server.data / "roost.sqlite").write_bytes(b"this is not a database" * 1000)
        done = command.run(server.command(), environment=environment())
        assert done.returncode != 0
        assert "roost.sqlite" in done.stdout + done.stderr
        assert (server.data / "roost.sqlite").read_bytes() == b"this is not a database" * 1000

    def test_keys_and_state_are_for_the_owner_only(self, server):
        private = [path for path in server.data.rglob("*") if path.is_file() and (b"PRIVATE KEY" in path.read_bytes() or "sqlite" in path.name)]
        assert private
        for path in private:
            assert path.stat().st_mode & 0o077 == 0, f"{path} has mode {path.stat().st_mode & 0o777:o}"


def test_a_server_that_got_sigterm_at_its_start(tmp_path):
    """However early the signal comes, nothing is left behind that blocks the next start."""
    server = Server(tmp_path, "aws")
    for delay in (0, 0.02, 0.1, 0.3):
        process = subprocess.Popen(server.command(), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.terminate()
        process.wait(40)
    server.start()
    eventually(lambda: send(vars(server.endpoints), request(vars(server.endpoints), "GET", "/health")).status == 200)
    server.kill()
