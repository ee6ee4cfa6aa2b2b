"""A small registry that says what each call must answer, for random sequences of calls against the real one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Set, Tuple

POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}]})
POLICIES_PER_TARGET = {"cert": 10, "thinggroup": 2}
GROUPS_PER_THING = 10


class Refused(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class ThingModel:
    type: Optional[str]
    billing: Optional[str]
    attributes: Dict[str, str]
    version: int = 1


@dataclass
class GroupModel:
    parent: Optional[str]
    description: str
    version: int = 1


@dataclass
class Model:
    """What is there. Each method is one call: it changes the model, or raises `Refused` with the error's name and changes nothing."""

    things: Dict[str, ThingModel] = field(default_factory=dict)
    types: Dict[str, bool] = field(default_factory=dict)
    groups: Dict[str, GroupModel] = field(default_factory=dict)
    billing: Set[str] = field(default_factory=set)
    #: Whether a certificate, by its place in the test's list, is ACTIVE; those that were deleted are not here.
    certificates: Dict[int, bool] = field(default_factory=dict)
    policies: Set[str] = field(default_factory=set)
    members: Set[Tuple[str, str]] = field(default_factory=set)
    #: Thing and certificate, and whether the thing alone may hold it.
    principals: Dict[Tuple[str, int], bool] = field(default_factory=dict)
    #: Kind ("cert", "thinggroup") and name of a target, and a policy.
    attached: Set[Tuple[str, Any, str]] = field(default_factory=set)

    # Types

    def create_type(self, name: str) -> None:
        self.types.setdefault(name, False)

    def deprecate_type(self, name: str, undo: bool) -> None:
        self._need(name in self.types)
        self.types[name] = not undo

    def delete_type(self, name: str) -> None:
        self._need(name in self.types)
        self._allow(self.types[name] and all(thing.type != name for thing in self.things.values()))
        del self.types[name]

    # Things

    def create_thing(self, name: str, type: Optional[str], billing: Optional[str], attributes: Dict[str, str]) -> None:
        wanted = ThingModel(type, billing, attributes)
        self._need(type is None or type in self.types)
        self._need(billing is None or billing in self.billing)
        found = self.things.get(name)
        if found:
            same = (found.type, found.billing, found.attributes) == (type, billing, attributes)
            self._allow(same, "ResourceAlreadyExistsException")
            return
        self._allow(type is None or not self.types[type])
        self.things[name] = wanted

    def update_thing(self, name: str, attributes: Dict[str, str], expected: Optional[int]) -> None:
        self._need(name in self.things)
        thing = self.things[name]
        self._allow(expected in (None, thing.version), "VersionConflictException")
        thing.attributes = attributes
        thing.version += 1

    def delete_thing(self, name: str) -> None:
        self._allow(all(thing != name for thing, _ in self.principals))
        self.things.pop(name, None)
        self.members = {member for member in self.members if member[1] != name}

    # Groups

    def create_group(self, name: str, parent: Optional[str], description: str) -> None:
        self._need(parent is None or parent in self.groups)
        found = self.groups.get(name)
        if found:
            self._allow((found.parent, found.description) == (parent, description), "ResourceAlreadyExistsException")
            return
        self.groups[name] = GroupModel(parent, description)

    def update_group(self, name: str, description: str, expected: Optional[int]) -> None:
        self._need(name in self.groups)
        group = self.groups[name]
        self._allow(expected in (None, group.version), "VersionConflictException")
        group.description = description
        group.version += 1

    def delete_group(self, name: str) -> None:
        self._allow(all(group.parent != name for group in self.groups.values()))
        self.groups.pop(name, None)
        self.members = {member for member in self.members if member[0] != name}
        self.attached = {entry for entry in self.attached if entry[:2] != ("thinggroup", name)}

    def root(self, group: str) -> str:
        while self.groups[group].parent is not None:
            group = self.groups[group].parent
        return group

    def add_member(self, group: str, thing: str) -> None:
        self._need(group in self.groups and thing in self.things)
        if (group, thing) in self.members:
            return
        mine = [other for other, member in self.members if member == thing]
        self._allow(all(self.root(other) != self.root(group) for other in mine))
        self.members.add((group, thing))

    def remove_member(self, group: str, thing: str) -> None:
        self._need(group in self.groups and thing in self.things)
        self.members.discard((group, thing))

    # Billing groups

    def create_billing(self, name: str) -> None:
        self.billing.add(name)

    def delete_billing(self, name: str) -> None:
        self._need(name in self.billing)
        self.billing.discard(name)
        for thing in self.things.values():
            thing.billing = None if thing.billing == name else thing.billing

    def bill(self, thing: str, group: str) -> None:
        self._need(thing in self.things and group in self.billing)
        self.things[thing].billing = group

    def unbill(self, thing: str, group: str) -> None:
        self._need(thing in self.things and group in self.billing)
        if self.things[thing].billing == group:
            self.things[thing].billing = None

    # Certificates and principals

    def set_status(self, certificate: int, active: bool) -> None:
        self._need(certificate in self.certificates)
        self.certificates[certificate] = active

    def delete_certificate(self, certificate: int, force: bool) -> None:
        self._need(certificate in self.certificates)
        self._allow(not self.certificates[certificate], "CertificateStateException")
        self._allow(all(held != certificate for _, held in self.principals), "DeleteConflictException")
        mine = {entry for entry in self.attached if entry[:2] == ("cert", certificate)}
        self._allow(force or not mine, "DeleteConflictException")
        self.attached -= mine
        del self.certificates[certificate]

    def attach_principal(self, thing: str, certificate: int, exclusive: bool) -> None:
        self._need(thing in self.things and certificate in self.certificates)
        others = [kind for (other, held), kind in self.principals.items() if held == certificate and other != thing]
        self._allow(not any(others) and not (exclusive and others))
        self.principals[(thing, certificate)] = exclusive

    def detach_principal(self, thing: str, certificate: int) -> None:
        self._need((thing, certificate) in self.principals)
        del self.principals[(thing, certificate)]

    # Policies

    def create_policy(self, name: str) -> None:
        self._allow(name not in self.policies, "ResourceAlreadyExistsException")
        self.policies.add(name)

    def delete_policy(self, name: str) -> None:
        self._need(name in self.policies)
        self._allow(all(policy != name for _, _, policy in self.attached), "DeleteConflictException")
        self.policies.discard(name)

    def attach_policy(self, kind: str, target: Any, policy: str) -> None:
        self._need(policy in self.policies and target in (self.groups if kind == "thinggroup" else self.certificates))
        if (kind, target, policy) in self.attached:
            return
        count = sum(entry[:2] == (kind, target) for entry in self.attached)
        self._allow(count < POLICIES_PER_TARGET[kind], "LimitExceededException")
        self.attached.add((kind, target, policy))

    def detach_policy(self, kind: str, target: Any, policy: str) -> None:
        self._need(policy in self.policies and (kind, target, policy) in self.attached)
        self.attached.discard((kind, target, policy))

    # What is asked of all

    @staticmethod
    def _need(there: bool) -> None:
        if not there:
            raise Refused("ResourceNotFoundException")

    @staticmethod
    def _allow(allowed: bool, code: str = "InvalidRequestException") -> None:
        if not allowed:
            raise Refused(code)

    def groups_of(self, thing: str) -> List[str]:
        return sorted(group for group, member in self.members if member == thing)
