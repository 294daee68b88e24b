"""Resources in place of a cloud's: what environment.json maps them to."""

import secrets

from heat.engine import attributes, properties, resource
from heat.engine.resources.openstack.heat import deployed_server


def text(kind=properties.Schema.STRING):
    return properties.Schema(kind)


class Server(deployed_server.DeployedServer):
    """Takes what deploy/heat gives a server of Nova; hypervisor.py makes a process of it."""

    properties_schema = {
        **deployed_server.DeployedServer.properties_schema,
        **{name: text() for name in ("image", "flavor", "key_name", "user_data_format", "user_data")},
        "networks": text(properties.Schema.LIST),
    }


class Port(resource.Resource):
    """An address on the yard's bridge (tests/cluster)."""

    properties_schema = {"network": text(), "security_groups": text(properties.Schema.LIST)}
    attributes_schema = {"fixed_ips": attributes.Schema(
        "As Neutron has it", cache_mode=attributes.Schema.CACHE_NONE, type=attributes.Schema.LIST)}

    def handle_create(self):
        self.resource_id_set(f"10.77.{secrets.randbelow(100) + 100}.{secrets.randbelow(250) + 1}")

    def _resolve_attribute(self, name):
        return [{"ip_address": self.resource_id}]


def resource_mapping():
    return {"Carillon::Test::Server": Server, "Carillon::Test::Port": Port}
