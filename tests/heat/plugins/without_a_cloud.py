"""A plug-in of Heat's engine, for a cloud that has no images, flavors and networks to be asked for.

It also undoes what Debian's oslo.messaging 14.0.3 breaks in Heat 19: for a notification, of which there
are none here, it makes a context without secrets of the one at hand; of the stored one, with which a
scaling policy's signal works, that fails with 'Authorization failed'.
"""

from heat.engine import constraints
from oslo_messaging.notify import notifier

notifier._sanitize_context = lambda asker: asker


class Anything(constraints.BaseCustomConstraint):
    def validate(self, value, context):
        return True


def constraint_mapping():
    return {name: Anything for name in ("glance.image", "nova.flavor", "neutron.network")}
