"""Who may do what with a shadow: topic permissions over MQTT, shadow actions on `thing/T` and `thing/T/S` over HTTPS (AWS IoT Developer Guide, policies)."""

import json

import pytest
from fleet import command
from fleet.device import arn
from fleet.paho_client import PahoClient
from fleet.shadow import Shadow, own_shadow_policy, shadow_prefix

NOT_AUTHORIZED = 0x87
UPDATE = '{"state":{"desired":{"a":1}}}'


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(endpoints, actions, *resources, effect="Allow"):
    return {"Effect": effect, "Action": actions, "Resource": [arn(endpoints, each) for each in resources]}


class TestTopics:
    @pytest.fixture
    def device(self, endpoints, new_device, name):
        """A client whose policy has everything of the shadow's topics but what the test leaves out: `device(action, topic)`."""
        opened = []

        def connect(action, topic):
            prefix = shadow_prefix(name)
            statements = [
                allow(endpoints, "iot:Connect", f"client/{name}"),
                allow(endpoints, ["iot:Publish", "iot:Receive"], f"topic/{prefix}/*"),
                allow(endpoints, "iot:Subscribe", f"topicfilter/{prefix}/*"),
                allow(endpoints, f"iot:{action}", f"{'topicfilter' if action == 'Subscribe' else 'topic'}/{prefix}/{topic}", effect="Deny"),
            ]
            opened.append(PahoClient(endpoints, new_device(name, policy=policy(*statements))).connect())
            return opened[-1]

        yield connect
        for each in opened:
            each.disconnect()

    @pytest.mark.parametrize("operation", ["get", "update", "delete"])
    def test_without_publish(self, operation, device, shadow):
        client = device("Publish", operation)
        shadow.update(desired={"a": 0})
        shadow.forget()
        assert client.publish(f"{shadow.prefix}/{operation}", UPDATE.encode()).value == NOT_AUTHORIZED
        found = shadow.get()
        assert (found["version"], found["state"]["desired"]) == (1, {"a": 0})
        assert [each.what for each in shadow.said] == ["get/accepted"]

    @pytest.mark.parametrize("denied", ["update/accepted", "update/delta", "update/documents"])
    def test_without_receive(self, denied, device, name):
        client = device("Receive", denied)
        seen = Shadow(client, name)
        client.publish(f"{seen.prefix}/update", UPDATE.encode())
        # The answer to a get comes after everything of the update before it.
        seen.get()
        expected = [each for each in ("update/delta", "update/documents", "update/accepted") if each != denied]
        assert [each.what for each in seen.said] == [*expected, "get/accepted"]

    def test_without_subscribe(self, device, shadow):
        client = device("Subscribe", "update/accepted")
        assert [each.value for each in client.subscribe(f"{shadow.prefix}/update/accepted")] == [NOT_AUTHORIZED]
        assert [each.value for each in client.subscribe(f"{shadow.prefix}/update/delta")] == [1]

    def test_another_things_shadow(self, endpoints, new_device, application, name):
        victim = Shadow(application, f"{name}-victim")
        victim.update(desired={"a": 0})
        with PahoClient(endpoints, new_device(name, policy=own_shadow_policy(endpoints))) as client:
            for operation in ("get", "update", "delete"):
                assert client.publish(f"{victim.prefix}/{operation}", UPDATE.encode()).value == NOT_AUTHORIZED
            assert [each.value for each in client.subscribe(f"{victim.prefix}/update/documents")] == [NOT_AUTHORIZED]
            own = Shadow(client, name)
            assert own.update(desired={"a": 1})["version"] == 1
        assert victim.version == 1


REQUESTS = {
    "iot:GetThingShadow": [],
    "iot:UpdateThingShadow": ["--data-binary", UPDATE],
    "iot:DeleteThingShadow": ["-X", "DELETE"],
}


def ask(endpoints, device, action, thing, name):
    """The status of a request over HTTPS with the device's certificate."""
    path = f"/things/{thing}/shadow" + (f"?name={name}" if name else "")
    return command.curl(endpoints, device, path, *REQUESTS[action])


def list_names(endpoints, device, thing):
    return command.curl(endpoints, device, f"/api/things/shadow/ListNamedShadowsForThing/{thing}")


class TestHTTPS:
    @pytest.fixture
    def filled(self, iot_data, name):
        """A thing with a classic and two named shadows."""
        for each in ({}, {"shadowName": "a"}, {"shadowName": "b"}):
            iot_data.update_thing_shadow(thingName=name, payload=UPDATE, **each)
        return name

    @pytest.mark.parametrize("action", REQUESTS)
    @pytest.mark.parametrize("shadow_name", [None, "a"])
    def test_an_action_on_one_shadow(self, action, shadow_name, endpoints, new_device, filled, iot_data, name):
        """It is allowed that action on that shadow, and no other action and no other shadow."""
        resource = f"thing/{filled}" + (f"/{shadow_name}" if shadow_name else "")
        device = new_device(f"{name}-device", policy=policy(allow(endpoints, action, resource)))
        for other in REQUESTS:
            for each in (None, "a", "b"):
                if (other, each) != (action, shadow_name):
                    status, body = ask(endpoints, device, other, filled, each)
                    assert status == 403, (other, each, body)
        status, body = ask(endpoints, device, action, f"{filled}-other", shadow_name)
        assert status == 403, body
        status, body = ask(endpoints, device, action, filled, shadow_name)
        assert status == 200, body
        assert json.loads(body)["version"] == (2 if action == "iot:UpdateThingShadow" else 1)

    @pytest.mark.parametrize("resource", ["*", "thing/{}"])
    def test_list(self, resource, endpoints, new_device, filled, name):
        resource = resource if resource == "*" else arn(endpoints, resource.format(filled))
        statement = {"Effect": "Allow", "Action": "iot:ListNamedShadowsForThing", "Resource": resource}
        device = new_device(f"{name}-device", policy=policy(statement))
        status, body = list_names(endpoints, device, filled)
        assert status == 200, body
        assert sorted(json.loads(body)["results"]) == ["a", "b"]
        assert ask(endpoints, device, "iot:GetThingShadow", filled, "a")[0] == 403

    def test_list_without_permission(self, endpoints, new_device, filled, name):
        statements = allow(endpoints, ["iot:GetThingShadow", "iot:UpdateThingShadow"], "*"), allow(endpoints, "iot:ListNamedShadowsForThing", "thing/other")
        assert list_names(endpoints, new_device(f"{name}-device", policy=policy(*statements)), filled)[0] == 403

    def test_the_refusal(self, endpoints, new_device, filled, name):
        device = new_device(f"{name}-device", policy=policy(allow(endpoints, "iot:Publish", "topic/*")))
        status, text = command.curl(endpoints, device, f"/things/{filled}/shadow", "--include")
        assert status == 403
        head, _, body = text.replace("\r\n", "\n").partition("\n\n")
        assert "x-amzn-errortype: forbiddenexception" in head.lower()
        assert json.loads(body)["message"]

    def test_a_deny_wins(self, endpoints, new_device, filled, name):
        statements = [
            {"Effect": "Allow", "Action": "iot:*", "Resource": "*"},
            allow(endpoints, "iot:UpdateThingShadow", f"thing/{filled}/a", effect="Deny"),
        ]
        device = new_device(f"{name}-device", policy=policy(*statements))
        assert ask(endpoints, device, "iot:UpdateThingShadow", filled, "a")[0] == 403
        assert ask(endpoints, device, "iot:UpdateThingShadow", filled, "b")[0] == 200
        assert ask(endpoints, device, "iot:GetThingShadow", filled, "a")[0] == 200

    def test_topic_permissions_are_not_enough(self, endpoints, new_device, filled, name):
        device = new_device(f"{name}-device", policy=policy(allow(endpoints, ["iot:Publish", "iot:Receive", "iot:Subscribe"], "*")))
        for action in REQUESTS:
            assert ask(endpoints, device, action, filled, None)[0] == 403

    def test_without_a_certificate(self, endpoints, filled):
        try:
            status, _ = ask(endpoints, None, "iot:GetThingShadow", filled, None)
        except ConnectionError:
            return
        assert status == 403
