"""OpenStack's HTTP interfaces as a user of the cloud, and its administrator, speak to them."""

import json
import time
import urllib.error
import urllib.request

from lab.processes import LabError

SECONDS = 60
PAUSE_SECONDS = 0.5
TRIES = 3


class Refused(LabError):
    """An answer that is not 2xx."""

    def __init__(self, what, status, body):
        super().__init__(f"{what}: {status} {body[:500]}")
        self.status = status


def request(method, url, body=None, token=None):
    """(JSON or None, headers). Refused if the answer is not 2xx."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token:
        headers["X-Auth-Token"] = token
    question = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(question, timeout=SECONDS) as answer:
            text = answer.read()
            return (json.loads(text) if text else None), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(f"{method} {url}", error.code,
                          error.read().decode(errors="replace")) from None


def wait_until(condition, what, seconds):
    """As wait_for of lab.processes, but asked less often: each question costs the cloud a lot."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise LabError(f"not within {seconds} s: {what}")
        time.sleep(PAUSE_SECONDS)
    return value


class Session:
    """One user, in one project."""

    def __init__(self, keystone, user, password, project):
        body = {"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": user, "password": password, "domain": {"id": "default"}}}},
            "scope": {"project": {"name": project, "domain": {"id": "default"}}}}}
        answer, headers = request("POST", keystone + "/auth/tokens", body)
        self.token = headers["X-Subject-Token"]
        self.project = answer["token"]["project"]["id"]
        self.keystone = keystone
        self.heat = None

    def ask(self, method, url, body=None):
        return request(method, url, body, self.token)[0]

    def identity(self, method, path, body=None):
        return self.ask(method, self.keystone + path, body)

    def stacks(self, method, path="", body=None):
        """Below /v1/{project}/stacks."""
        url = f"{self.heat}/v1/{self.project}/stacks{path}"
        for _ in range(TRIES - 1 if method == "GET" else 0):
            try:
                return self.ask(method, url)
            except Refused:  # Heat reads in several steps, between which something may go.
                time.sleep(PAUSE_SECONDS)
        return self.ask(method, url, body)

    def software_config(self, identifier):
        return self.ask("GET", f"{self.heat}/v1/{self.project}/software_configs/{identifier}")[
            "software_config"]["config"]
