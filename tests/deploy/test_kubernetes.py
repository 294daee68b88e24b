"""The Kubernetes manifests: every field against Kubernetes' own models, and against each other."""

import os
import re
import sys
import unittest

from lab.processes import REPOSITORY

# Debian's packages (python3-yaml, python3-kubernetes) are for Debian's Python; pure Python both.
sys.path.append("/usr/lib/python3/dist-packages")
try:
    import yaml
    from kubernetes import client
except ImportError:
    yaml = client = None

FOLDER = os.path.join(REPOSITORY, "deploy", "kubernetes")
# The package's models end with Kubernetes 1.22, whose v2beta2 became v2 unchanged.
MODELS = {("apps/v1", "StatefulSet"): "V1StatefulSet", ("v1", "Service"): "V1Service",
          ("v1", "ConfigMap"): "V1ConfigMap", ("v1", "Namespace"): "V1Namespace",
          ("policy/v1", "PodDisruptionBudget"): "V1PodDisruptionBudget",
          ("autoscaling/v2", "HorizontalPodAutoscaler"): "V2beta2HorizontalPodAutoscaler"}
SIMPLE = {"str": str, "int": int, "bool": bool, "float": (int, float)}


def faults(value, kind, path):
    """What a strict server would not take, below `path`."""
    if kind == "object":
        return []
    if kind in SIMPLE:
        good = isinstance(value, SIMPLE[kind]) and (kind == "bool" or not isinstance(value, bool))
        return [] if good else [f"{path}: {value!r} is not {kind}"]
    if inner := re.fullmatch(r"list\[(.*)\]", kind):
        if not isinstance(value, list):
            return [f"{path}: must be a list"]
        return [fault for i, item in enumerate(value)
                for fault in faults(item, inner.group(1), f"{path}[{i}]")]
    if inner := re.fullmatch(r"dict\(str, (.*)\)", kind):
        if not isinstance(value, dict):
            return [f"{path}: must be a map"]
        return [fault for key, item in value.items()
                for fault in faults(item, inner.group(1), f"{path}.{key}")]
    model = getattr(client, kind)
    if not isinstance(value, dict):
        return [f"{path}: must be a {kind}"]
    names = {json: python for python, json in model.attribute_map.items()}
    found = [f"{path}: no field {key}" for key in value if key not in names]
    for key in value.keys() & names.keys():
        found += faults(value[key], model.openapi_types[names[key]], f"{path}.{key}")
    try:
        model(**{names[key]: item for key, item in value.items() if key in names})
    except ValueError as error:  # Something that must be there is not.
        found.append(f"{path}: {error}")
    return found


@unittest.skipUnless(client, "no python3-kubernetes here")
class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(FOLDER, "kustomization.yaml"), encoding="utf-8") as file:
            cls.kustomization = yaml.safe_load(file)
        cls.objects = []
        for name in cls.kustomization["resources"]:
            with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
                cls.objects += list(yaml.safe_load_all(file))

    def all(self, kind):
        return [one for one in self.objects if one["kind"] == kind]

    def container(self, stateful_set):
        containers = stateful_set["spec"]["template"]["spec"]["containers"]
        self.assertEqual(len(containers), 1)
        return containers[0]

    def test_every_field_is_one_that_kubernetes_knows(self):
        for one in self.objects:
            kind = MODELS[one["apiVersion"], one["kind"]]
            self.assertEqual(faults(one, kind, f"{one['kind']} {one['metadata']['name']}"), [])

    def test_a_wrong_field_would_be_found(self):
        broken = {"apiVersion": "v1", "kind": "Service",
                  "spec": {"selectors": {}, "ports": [{"port": "x"}]}}
        self.assertEqual(len(faults(broken, "V1Service", "s")), 2)
        self.assertEqual(len(faults({"spec": {"ports": [{}]}}, "V1Service", "s")), 1)

    def test_every_manifest_is_in_the_kustomization(self):
        files = {name for name in os.listdir(FOLDER) if name.endswith(".yaml")}
        self.assertEqual(files - set(self.kustomization["resources"]),
                         {"kustomization.yaml", "prometheus-adapter.yaml"})
        images = {image["name"] for image in self.kustomization["images"]}
        self.assertEqual({self.container(one)["image"] for one in self.all("StatefulSet")}, images)

    def test_selectors_select_something(self):
        pods = [one["spec"]["template"]["metadata"]["labels"] for one in self.all("StatefulSet")]
        for one in self.all("StatefulSet"):
            wanted = one["spec"]["selector"]["matchLabels"]
            self.assertEqual(sum(wanted.items() <= labels.items() for labels in pods), 1)
            self.assertIn(one["spec"]["serviceName"],
                          [service["metadata"]["name"] for service in self.all("Service")])
        for selector in [one["spec"]["selector"] for one in self.all("Service")] + \
                [one["spec"]["selector"]["matchLabels"]
                 for one in self.all("PodDisruptionBudget")]:
            self.assertTrue(any(selector.items() <= labels.items() for labels in pods), selector)

    def test_ports_have_the_names_that_are_asked_for(self):
        names = {port["name"] for one in self.all("StatefulSet")
                 for port in self.container(one)["ports"]}
        for service in self.all("Service"):
            for port in service["spec"]["ports"]:
                self.assertIn(port["targetPort"], names)
        for one in self.all("StatefulSet"):
            mine = {port["name"] for port in self.container(one)["ports"]}
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                self.assertIn(self.container(one)[probe]["httpGet"]["port"], mine)

    def test_leaving_has_the_time_it_needs(self):
        with open(os.path.join(REPOSITORY, "deploy", "systemd", "carillon.service"),
                  encoding="utf-8") as unit:
            needed = int(re.search(r"^TimeoutStopSec=(\d+)$", unit.read(), re.MULTILINE).group(1))
        for one in self.all("StatefulSet"):
            self.assertGreaterEqual(
                one["spec"]["template"]["spec"]["terminationGracePeriodSeconds"], needed)
            self.assertEqual(self.container(one)["lifecycle"]["preStop"]["exec"]["command"],
                             ["/usr/bin/carillon-entrypoint", "leave"])

    def test_scaling_goes_by_metrics_that_are_offered(self):
        scaler = self.all("HorizontalPodAutoscaler")[0]["spec"]
        self.assertIn(scaler["scaleTargetRef"]["name"],
                      [one["metadata"]["name"] for one in self.all("StatefulSet")])
        with open(os.path.join(FOLDER, "prometheus-adapter.yaml"), encoding="utf-8") as file:
            rules = yaml.safe_load(file)["rules"]
        offered = {rule["name"]["as"] for rule in rules}
        wanted = {metric["pods"]["metric"]["name"] for metric in scaler["metrics"]
                  if metric["type"] == "Pods"}
        self.assertEqual(wanted, offered)
        with open(os.path.join(REPOSITORY, "src", "app", "metrics.cpp"), encoding="utf-8") as code:
            source = code.read()
        for rule in rules:
            series = re.match(r"\w+", rule["seriesQuery"]).group()
            self.assertIn(f'"{series}"', source)

    def test_settings_are_ones_that_the_entry_point_or_the_program_knows(self):
        with open(os.path.join(REPOSITORY, "deploy", "container", "entrypoint"),
                  encoding="utf-8") as script:
            known = set(re.findall(r"CARILLON_[A-Z_]+", script.read()))
        for name in ("peer_settings.cpp", "enrollment_commands.cpp"):
            with open(os.path.join(REPOSITORY, "src", "app", name), encoding="utf-8") as code:
                text = code.read()
            known |= set(re.findall(r"CARILLON_[A-Z_]+", text))
            known |= {"CARILLON_" + flag.upper().replace("-", "_")
                      for flag in re.findall(r'"--([a-z-]+)"', text)}
        used = {variable["name"] for one in self.all("StatefulSet")
                for variable in self.container(one)["env"]}
        for one in self.all("ConfigMap"):
            used |= one["data"].keys()
        self.assertLessEqual(used, known)


if __name__ == "__main__":
    unittest.main()
