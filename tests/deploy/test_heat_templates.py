"""The Heat templates: parsed and validated by Heat's own engine, without a cloud."""

import os
import re
import subprocess
import sys
import unittest

from lab.processes import REPOSITORY

FOLDER = os.path.join(REPOSITORY, "deploy", "heat")
VALIDATOR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "validate_heat.py")
DEBIAN_PYTHON = "/usr/bin/python3"  # For which Debian's python3-heat is.


def engine_is_here():
    return subprocess.run([DEBIAN_PYTHON, "-c", "import heat.engine"], capture_output=True,
                          check=False).returncode == 0


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()


@unittest.skipUnless(engine_is_here(), "no python3-heat here")
class Templates(unittest.TestCase):
    def validate(self, group, peer):
        """What Heat's engine says of the two templates; nothing if it takes them."""
        return subprocess.run([DEBIAN_PYTHON, VALIDATOR], input=f"{group}\0{peer}", text=True,
                              capture_output=True, timeout=120, check=False)

    def test_heat_takes_them(self):
        done = self.validate(read("group.yaml"), read("peer.yaml"))
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])

    def test_it_would_find_mistakes(self):
        group, peer = read("group.yaml"), read("peer.yaml")
        for broken_group, broken_peer in (
                (group.replace("scaling_adjustment: 1", "scaling_adjustments: 1"), peer),
                (group.replace("get_resource: group}", "get_resource: groups}", 1), peer),
                (group.replace("{get_param: flavor}", "{get_param: flavour}", 1), peer),
                (group.replace("OS::Heat::ScalingPolicy", "OS::Heat::ScalePolicy", 1), peer),
                (group, peer.replace("actions: [CREATE, DELETE]", "actions: [CREATE, REMOVE]")),
                (group, peer.replace("signal_transport: HEAT_SIGNAL", "signal_transport: NONE")),
                (group, peer.replace("user_data: {get_resource: start}", "user_data: [1]"))):
            self.assertNotEqual((broken_group, broken_peer), (group, peer))
            self.assertNotEqual(self.validate(broken_group, broken_peer).returncode, 0)


class Agreement(unittest.TestCase):
    def test_an_update_of_the_stack_does_not_set_the_groups_size(self):
        # Heat brings a group back to its desired_capacity at each; ./test --heat plays that.
        self.assertNotRegex(read("group.yaml"), r"(?m)^ *desired_capacity:")

    def test_the_peer_answers_to_the_deployments_name(self):
        with open(os.path.join(REPOSITORY, "src", "app", "heat_agent.hpp"),
                  encoding="utf-8") as header:
            name = re.search(r'deployment_name = "([^"]+)"', header.read()).group(1)
        self.assertIn(f"name: {name}\n", read("peer.yaml"))

    def test_settings_in_user_data_are_ones_of_the_program(self):
        from lab.processes import program
        help_text = subprocess.run([program(), "peer", "--help"], capture_output=True, text=True,
                                   check=True, timeout=60).stdout
        settings = re.findall(r"^ +([a-z-]+) = ", read("peer.yaml"), re.MULTILINE)
        self.assertIn("heat", settings)
        for setting in settings:
            self.assertIn(f"--{setting} ", help_text)

    def test_alerts_are_on_metrics_that_there_are(self):
        with open(os.path.join(REPOSITORY, "src", "app", "metrics.cpp"), encoding="utf-8") as code:
            source = code.read()
        metrics = re.findall(r"carillon_\w+_total", read("alerts.yaml"))
        self.assertEqual(len(metrics), 2)
        for metric in metrics:
            self.assertIn(f'"{metric}"', source)


if __name__ == "__main__":
    unittest.main()
