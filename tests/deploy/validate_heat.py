"""stdin: group.yaml, a zero octet, peer.yaml. Exit status 0 if Heat's own engine would take the stack.

Run by Debian's Python, for which python3-heat is. What asks a cloud is replaced: whether a service is there,
and whether an image, flavor or network exists in it.
"""

import logging
import sys

from heat.common import context, messaging, template_format
from heat.engine import constraints, environment, resource, resources, stack, template
from heat.engine.resources.openstack.nova import server
from oslo_config import cfg

logging.disable(logging.CRITICAL)
BOTH = {
    "image": "debian", "flavor": "small", "network": "peers", "group_token": "carillon-group-x",
    "package_url": "https://example.org/carillon.deb",
    "enrollment_url": "https://enroll.example.org:8443",
}


def without_a_cloud():
    cfg.CONF([], project="heat")
    messaging.setup("fake://", optional=True)
    resources.initialise()
    resource.Resource.is_service_available = classmethod(lambda *_: (True, None))
    constraints.CustomConstraint.validate = lambda *_, **__: None
    server.Server.validate = lambda self: resource.Resource.validate(self)
    server.Server.translation_rules = lambda *_: []


def validate(text, parameters, files):
    env = environment.Environment({"parameters": {**BOTH, **parameters}})
    parsed = template.Template(template_format.parse(text), files=files, env=env)
    asker = context.RequestContext(project_id="test", user_id="test", username="test",
                                   auth_url="http://127.0.0.1:5000/v3", password="test")
    stack.Stack(asker, "carillon", parsed).validate()


def main():
    group, peer = sys.stdin.read().split("\0")
    without_a_cloud()
    validate(group, {"peers_cidr": "192.0.2.0/24"}, {"peer.yaml": peer})
    # Within another stack not every value is looked at.
    validate(peer, {"security_group": "peers"}, {})


main()
