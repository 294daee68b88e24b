"""A stack of deploy/heat's templates, and what Heat says of its members."""

import json
import os
import time

from client import PAUSE_SECONDS, Refused, wait_until
from lab.processes import REPOSITORY, LabError

HERE = os.path.dirname(os.path.abspath(__file__))
TEMPLATES = os.path.join(REPOSITORY, "deploy", "heat")
SETTLED = ("COMPLETE", "FAILED")
HEARD_SECONDS = 8
SIGNALS = 5


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as text:
        return text.read()


class Member:
    """One server of the group: where its deployments are found, and what it was told to do first."""

    def __init__(self, session, stack):
        self.session, self.identifier = session, stack["id"]
        self.path = "/{stack_name}/{id}".format(**stack)

    def resource(self, name):
        return self.session.stacks("GET", f"{self.path}/resources/{name}")["resource"]

    def is_gone(self):
        """For good: while Heat works on a group, its lists may lack some."""
        try:
            return self.session.stacks("GET", self.path + "?resolve_outputs=false")["stack"][
                "stack_status"] == "DELETE_COMPLETE"
        except Refused as refused:
            return refused.status == 404

    def server_id(self):
        """Nova's."""
        return self.resource("server")["physical_resource_id"]

    def address(self):
        """Of its port; None as long as there is none."""
        try:
            return self.resource("port")["attributes"]["fixed_ips"][0]["ip_address"]
        except (Refused, KeyError, TypeError, IndexError):
            return None

    def credentials(self):
        """With which its node asks Heat; None as long as there are none."""
        return self.metadata().get("os-collect-config")

    def metadata(self):
        return self.session.stacks("GET", f"{self.path}/resources/server/metadata")["metadata"]

    def user_data(self):
        return self.session.software_config(self.resource("start")["physical_resource_id"])

    def told_to_leave(self):
        """The inputs of the deployment that says DELETE; None as long as there is none."""
        for deployment in self.metadata()["deployments"]:
            inputs = {one["name"]: one["value"] for one in deployment["inputs"]}
            if inputs["deploy_action"] == "DELETE":
                return inputs
        return None


class Group:
    """The stack. `make` returns when it is asked for; `settled` says what has become of it."""

    def __init__(self, session, name, **parameters):
        self.session, self.name, self.nested = session, name, None
        environment = json.loads(read(HERE, "environment.json"))
        environment["parameters"] = {"image": "debian", "flavor": "small", "network": "peers",
                                     "peers_cidr": "10.77.0.0/16", "cooldown": 0,
                                     "package_url": "https://example.org/carillon.deb",
                                     **parameters}
        self.body = {"stack_name": name, "template": read(TEMPLATES, "group.yaml"),
                     "environment": environment, "timeout_mins": 10,
                     "files": {"peer.yaml": read(TEMPLATES, "peer.yaml")}}

    def make(self):
        self.path = f"/{self.name}/" + self.session.stacks("POST", body=self.body)["stack"]["id"]
        return self

    def stack(self):
        return self.session.stacks("GET", self.path)["stack"]

    def limit(self, minutes):
        """How long a change may take from now on."""
        self.session.stacks("PATCH", self.path, {"existing": True, "timeout_mins": minutes})
        self.wait_until_settled("UPDATE")

    def delete(self):
        self.session.stacks("DELETE", self.path)

    def signal(self, policy):
        """What an alarm does: scale_out or scale_in."""
        self.session.stacks("POST", f"{self.path}/resources/{policy}/signal", {})

    def signal_until_heard(self, policy):
        """As an alarm that goes on. Right after a change Heat still counts as changing, and passes over a
        signal without saying so."""
        before = len(self.members())
        for _ in range(SIGNALS):
            self.signal(policy)
            deadline = time.monotonic() + HEARD_SECONDS
            while time.monotonic() < deadline:
                if self.state()[1] == "IN_PROGRESS" or len(self.members()) != before:
                    return
                time.sleep(PAUSE_SECONDS)
        raise LabError(f"Heat does not act on {policy}")

    def group_path(self):
        """Of the stack whose resources are the members."""
        if not self.nested:
            found = self.session.stacks("GET", f"{self.path}/resources/group")["resource"]
            self.nested = found["physical_resource_id"]
        return f"/{self.nested}?resolve_outputs=false"

    def state(self):
        """Of the group: (action, status), e.g. ("UPDATE", "IN_PROGRESS"), and the reason."""
        scaled = self.session.stacks("GET", self.group_path())["stack"]
        action, _, status = scaled["stack_status"].partition("_")
        return action, status, scaled.get("stack_status_reason")

    def wait_until_settled(self, action, seconds=120, check=lambda: None):
        """The stack, once its `action` has ended; `check` may raise before."""
        def settled():
            check()
            stack = self.stack()
            done, _, status = stack["stack_status"].partition("_")
            return stack if done == action and status in SETTLED else None
        return wait_until(settled, f"the stack's {action} ends", seconds)

    def members(self):
        """{id: stack} of all that there are for Heat, also of those that go."""
        if not self.nested:
            self.group_path()
        stacks = self.session.stacks("GET", "?show_nested=true")["stacks"] if self.nested else []
        return {stack["id"]: stack for stack in stacks if stack["parent"] == self.nested}
