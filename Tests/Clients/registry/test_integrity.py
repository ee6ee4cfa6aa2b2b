"""Random sequences of calls: the registry answers like a small model of it, and holds the same, also after a restart; with callers at the same
time nothing is left that refers to something that is gone."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from fleet import api
from fleet.registry_model import POLICY, Model, Refused

STEPS = 1500
THINGS = [f"thing-{number}" for number in range(6)]
TYPES = [f"type-{number}" for number in range(3)]
GROUPS = [f"group-{number}" for number in range(6)]
BILLING = [f"billing-{number}" for number in range(3)]
POLICIES = [f"policy-{number}" for number in range(4)]
CERTIFICATES = range(4)


class Registry:
    """The calls of the model, made for real."""

    def __init__(self, endpoints):
        self.endpoints = endpoints
        self.iot = api.client(endpoints, "iot")
        self.certificates = [self.iot.create_keys_and_certificate() for _ in CERTIFICATES]

    def connect(self, endpoints):
        self.iot = api.client(endpoints, "iot")

    def arn(self, kind, target):
        if kind == "cert":
            return self.certificates[target]["certificateArn"]
        return f"arn:aws:iot:{self.endpoints['region']}:{self.endpoints['account']}:thinggroup/{target}"

    def create_type(self, name):
        self.iot.create_thing_type(thingTypeName=name)

    def deprecate_type(self, name, undo):
        self.iot.deprecate_thing_type(thingTypeName=name, undoDeprecate=undo)

    def delete_type(self, name):
        self.iot.delete_thing_type(thingTypeName=name)

    def create_thing(self, name, type, billing, attributes):
        options = {"thingTypeName": type, "billingGroupName": billing}
        options = {key: value for key, value in options.items() if value is not None}
        self.iot.create_thing(thingName=name, attributePayload={"attributes": attributes}, **options)

    def update_thing(self, name, attributes, expected):
        options = {} if expected is None else {"expectedVersion": expected}
        self.iot.update_thing(thingName=name, attributePayload={"attributes": attributes}, **options)

    def delete_thing(self, name):
        self.iot.delete_thing(thingName=name)

    def create_group(self, name, parent, description):
        options = {} if parent is None else {"parentGroupName": parent}
        properties = {"thingGroupDescription": description}
        self.iot.create_thing_group(thingGroupName=name, thingGroupProperties=properties, **options)

    def update_group(self, name, description, expected):
        options = {} if expected is None else {"expectedVersion": expected}
        self.iot.update_thing_group(thingGroupName=name, thingGroupProperties={"thingGroupDescription": description}, **options)

    def delete_group(self, name):
        self.iot.delete_thing_group(thingGroupName=name)

    def add_member(self, group, thing):
        self.iot.add_thing_to_thing_group(thingGroupName=group, thingName=thing)

    def remove_member(self, group, thing):
        self.iot.remove_thing_from_thing_group(thingGroupName=group, thingName=thing)

    def create_billing(self, name):
        self.iot.create_billing_group(billingGroupName=name)

    def delete_billing(self, name):
        self.iot.delete_billing_group(billingGroupName=name)

    def bill(self, thing, group):
        self.iot.add_thing_to_billing_group(thingName=thing, billingGroupName=group)

    def unbill(self, thing, group):
        self.iot.remove_thing_from_billing_group(thingName=thing, billingGroupName=group)

    def set_status(self, certificate, active):
        status = "ACTIVE" if active else "INACTIVE"
        self.iot.update_certificate(certificateId=self.certificates[certificate]["certificateId"], newStatus=status)

    def delete_certificate(self, certificate, force):
        self.iot.delete_certificate(certificateId=self.certificates[certificate]["certificateId"], forceDelete=force)

    def attach_principal(self, thing, certificate, exclusive):
        kind = "EXCLUSIVE_THING" if exclusive else "NON_EXCLUSIVE_THING"
        self.iot.attach_thing_principal(thingName=thing, principal=self.arn("cert", certificate), thingPrincipalType=kind)

    def detach_principal(self, thing, certificate):
        self.iot.detach_thing_principal(thingName=thing, principal=self.arn("cert", certificate))

    def create_policy(self, name):
        self.iot.create_policy(policyName=name, policyDocument=POLICY)

    def delete_policy(self, name):
        self.iot.delete_policy(policyName=name)

    def attach_policy(self, kind, target, policy):
        self.iot.attach_policy(policyName=policy, target=self.arn(kind, target))

    def detach_policy(self, kind, target, policy):
        self.iot.detach_policy(policyName=policy, target=self.arn(kind, target))

    # What is there

    def all(self, operation, key, name=None, **options):
        pages = self.iot.get_paginator(operation).paginate(**options)
        return [item if name is None else item[name] for page in pages for item in page[key]]

    def members(self):
        groups = self.all("list_thing_groups", "thingGroups", "groupName")
        return {(group, thing) for group in groups for thing in self.all("list_things_in_thing_group", "things", thingGroupName=group)}

    def principals(self):
        numbers = {certificate["certificateArn"]: number for number, certificate in enumerate(self.certificates)}
        found = {}
        for thing in self.all("list_things", "things", "thingName"):
            for item in self.iot.list_thing_principals_v2(thingName=thing)["thingPrincipalObjects"]:
                found[(thing, numbers[item["principal"]])] = item["thingPrincipalType"] == "EXCLUSIVE_THING"
        return found

    def attached(self):
        numbers = {certificate["certificateArn"]: number for number, certificate in enumerate(self.certificates)}
        found = set()
        for policy in self.all("list_policies", "policies", "policyName"):
            for target in self.iot.list_targets_for_policy(policyName=policy)["targets"]:
                kind = "cert" if target in numbers else "thinggroup"
                found.add((kind, numbers.get(target, target.rpartition("/")[2]), policy))
        return found


def step(chosen, model):
    """A random call: its name and its arguments."""
    thing, type, group, billing, policy = (chosen.choice(names) for names in (THINGS, TYPES, GROUPS, BILLING, POLICIES))
    certificate = chosen.choice(CERTIFICATES)
    target = chosen.choice([("cert", certificate), ("thinggroup", group)])
    attributes = {f"a{number}": str(chosen.randrange(3)) for number in range(chosen.randrange(3))}
    expected = chosen.choice([None, None, 1, 2])
    return chosen.choice(
        [
            ("create_type", type), ("deprecate_type", type, chosen.random() < 0.6), ("delete_type", type),
            ("create_thing", thing, chosen.choice([None, type]), chosen.choice([None, billing]), attributes),
            ("create_thing", thing, None, None, {}), ("update_thing", thing, attributes, expected), ("delete_thing", thing),
            ("create_group", group, chosen.choice([None, *GROUPS]), chosen.choice(["a", "b"])), ("create_group", group, None, "a"),
            ("update_group", group, chosen.choice(["a", "b"]), expected), ("delete_group", group),
            ("add_member", group, thing), ("add_member", group, thing), ("remove_member", group, thing),
            ("create_billing", billing), ("delete_billing", billing), ("bill", thing, billing), ("unbill", thing, billing),
            ("set_status", certificate, chosen.random() < 0.5),
            ("attach_principal", thing, certificate, chosen.random() < 0.3), ("detach_principal", thing, certificate),
            ("create_policy", policy), ("delete_policy", policy), ("attach_policy", *target, policy), ("attach_policy", *target, policy),
            ("detach_policy", *target, policy),
        ]
        # Seldom, for nobody makes a new one.
        + [("delete_certificate", certificate, chosen.random() < 0.5)] * (chosen.random() < 0.02)
    )  # fmt: skip


def outcome(registry, name, *arguments):
    """The error's name, or None."""
    try:
        getattr(registry, name)(*arguments)
        return None
    except Refused as refusal:
        return refusal.code
    except ClientError as error:
        return error.response["Error"]["Code"]


def compare(registry, model):
    things = {thing["thingName"]: registry.iot.describe_thing(thingName=thing["thingName"]) for thing in registry.all("list_things", "things")}
    assert {
        name: (thing.get("thingTypeName"), thing.get("billingGroupName"), thing["attributes"], thing["version"])
        for name, thing in things.items()
    } == {name: (thing.type, thing.billing, thing.attributes, thing.version) for name, thing in model.things.items()}
    types = registry.all("list_thing_types", "thingTypes")
    assert {item["thingTypeName"]: item["thingTypeMetadata"]["deprecated"] for item in types} == model.types
    groups = {name: registry.iot.describe_thing_group(thingGroupName=name) for name in registry.all("list_thing_groups", "thingGroups", "groupName")}
    assert {
        name: (
            group.get("thingGroupMetadata", {}).get("parentGroupName"), group["thingGroupProperties"]["thingGroupDescription"],
            group["version"],
        )
        for name, group in groups.items()
    } == {name: (group.parent, group.description, group.version) for name, group in model.groups.items()}  # fmt: skip
    assert registry.members() == model.members
    for thing in model.things:
        listed = registry.all("list_thing_groups_for_thing", "thingGroups", "groupName", thingName=thing)
        assert sorted(listed) == model.groups_of(thing)
    billing = set(registry.all("list_billing_groups", "billingGroups", "groupName"))
    assert billing == model.billing
    for group in billing:
        billed = set(registry.all("list_things_in_billing_group", "things", billingGroupName=group))
        assert billed == {name for name, thing in model.things.items() if thing.billing == group}
    assert registry.principals() == model.principals
    assert set(registry.all("list_policies", "policies", "policyName")) == model.policies
    assert registry.attached() == model.attached
    found = {item["certificateArn"]: item["status"] == "ACTIVE" for item in registry.all("list_certificates", "certificates")}
    assert found == {registry.arn("cert", number): active for number, active in model.certificates.items()}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_registry_answers_like_its_model_and_keeps_it(start_server, seed):
    server = start_server("aws")
    registry = Registry(vars(server.endpoints))
    model = Model(certificates={number: False for number in CERTIFICATES})
    chosen = random.Random(seed)
    refusals = 0
    for number in range(STEPS):
        call = step(chosen, model)
        wanted = outcome(model, *call)
        assert outcome(registry, *call) == wanted, f"seed {seed}, step {number}: {call}"
        refusals += wanted is not None
    # Both kinds of answers came often.
    assert STEPS * 0.1 < refusals < STEPS * 0.9
    compare(registry, model)
    server.restart(kill=True)
    registry.connect(vars(server.endpoints))
    compare(registry, model)
    call = ("create_type", "after-the-restart")
    assert outcome(model, *call) == outcome(registry, *call)
    compare(registry, model)


def test_callers_at_the_same_time_leave_nothing_dangling(start_server):
    server = start_server("aws")
    registry = Registry(vars(server.endpoints))
    model = Model(certificates={number: False for number in CERTIFICATES})
    answers = {"ResourceNotFoundException", "InvalidRequestException", "ResourceAlreadyExistsException", "VersionConflictException",
               "DeleteConflictException", "CertificateStateException", "LimitExceededException", None}  # fmt: skip

    def work(seed):
        chosen = random.Random(seed)
        return {outcome(registry, *step(chosen, model)) for _ in range(STEPS // 5)}

    with ThreadPoolExecutor(8) as pool:
        found = set().union(*pool.map(work, range(100, 108)))
    assert found <= answers
    server.restart(kill=True)
    registry.connect(vars(server.endpoints))
    things = {thing["thingName"]: thing for thing in registry.all("list_things", "things")}
    types = set(registry.all("list_thing_types", "thingTypes", "thingTypeName"))
    groups = set(registry.all("list_thing_groups", "thingGroups", "groupName"))
    billing = set(registry.all("list_billing_groups", "billingGroups", "groupName"))
    certificates = {item["certificateArn"] for item in registry.all("list_certificates", "certificates")}
    parents = {}
    for group in groups:
        described = registry.iot.describe_thing_group(thingGroupName=group)
        parents[group] = described.get("thingGroupMetadata", {}).get("parentGroupName")
    assert set(parents.values()) - {None} <= groups

    def root(group):
        return group if parents[group] is None else root(parents[group])

    members = registry.members()
    assert {thing for _, thing in members} <= set(things)
    for name in things:
        described = registry.iot.describe_thing(thingName=name)
        assert described.get("thingTypeName") in {None, *types}
        assert described.get("billingGroupName") in {None, *billing}
        listed = registry.all("list_thing_groups_for_thing", "thingGroups", "groupName", thingName=name)
        assert sorted(listed) == sorted(group for group, member in members if member == name)
        roots = [root(group) for group in listed]
        assert len(roots) == len(set(roots))
        for item in registry.iot.list_thing_principals_v2(thingName=name)["thingPrincipalObjects"]:
            assert item["principal"] in certificates
            holders = registry.iot.list_principal_things_v2(principal=item["principal"])["principalThingObjects"]
            assert name in [holder["thingName"] for holder in holders]
            assert len(holders) == 1 or all(holder["thingPrincipalType"] == "NON_EXCLUSIVE_THING" for holder in holders)
    for kind, target, policy in registry.attached():
        assert target in groups if kind == "thinggroup" else registry.arn(kind, target) in certificates
        listed = registry.iot.list_attached_policies(target=registry.arn(kind, target))["policies"]
        assert policy in [item["policyName"] for item in listed]
