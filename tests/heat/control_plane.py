"""Debian's Keystone and Heat, in a directory of their own: SQLite, no message broker."""

import os
import re
import secrets
import socket
import sqlite3
import subprocess
import urllib.request
from contextlib import closing

from client import Refused, Session
from lab.processes import LabError, free_port, start, stop, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
START_SECONDS = 90
REGION = "here"

KEYSTONE = """
[DEFAULT]
log_file = {directory}/keystone.log
[database]
connection = sqlite:///{directory}/keystone.sqlite
[identity]
password_hash_rounds = 4
[fernet_tokens]
key_repository = {directory}/fernet
[fernet_receipts]
key_repository = {directory}/fernet
[credential]
key_repository = {directory}/credential
"""

HEAT = """
[DEFAULT]
log_file = {directory}/heat.log
transport_url = fake://
plugin_dirs = {plugins}
num_engine_workers = 1
convergence_engine = {convergence}
auth_encryption_key = {key}
region_name_for_services = {region}
stack_user_domain_id = {domain}
stack_domain_admin = heat-domain
stack_domain_admin_password = {password}
heat_metadata_server_url = http://{address}:{cfn}
[heat_all]
enabled_services = engine,api
[heat_api]
bind_host = {address}
bind_port = {heat}
workers = 1
[database]
connection = sqlite:///{directory}/heat.sqlite
[clients_keystone]
auth_uri = {keystone}
[paste_deploy]
api_paste_config = /etc/heat/api-paste.ini
[keystone_authtoken]
www_authenticate_uri = {keystone}
auth_url = {keystone}
auth_type = password
username = heat
password = {password}
project_name = service
user_domain_id = default
project_domain_id = default
[trustee]
auth_url = {keystone}
auth_type = password
username = heat
password = {password}
user_domain_id = default
"""


def call(*command, **environment):
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env={**os.environ, **environment})
    if done.returncode != 0:
        raise LabError(f"{' '.join(command)}: {(done.stderr or done.stdout)[-2000:]}")


class ControlPlane:
    """Use it in a `with` statement. `user` is whose stacks they are; `nova` must answer."""

    def __init__(self, directory, address, nova, convergence):
        self.directory, self.address, self.nova = directory, address, nova
        self.convergence = convergence
        self.password = secrets.token_hex(16)
        self.ports = {name: free_port(socket.SOCK_STREAM) for name in ("keystone", "heat", "cfn")}
        self.keystone = f"http://{self.address}:{self.ports['keystone']}/v3"
        self.heat = f"http://{self.address}:{self.ports['heat']}"
        self.processes = []

    def __enter__(self):
        os.mkdir(self.directory)
        try:
            self.start_keystone()
            self.admin = Session(self.keystone, "admin", self.password, "admin")
            domain = self.make_accounts()
            self.start_heat(domain)
            self.user = Session(self.keystone, "owner", self.password, "peers")
            self.admin.heat = self.user.heat = self.heat
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            stop(process, 5)

    def write(self, name, text, **more):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text.format(directory=self.directory, password=self.password, address=self.address,
                                   keystone=self.keystone, **more))
        return path

    def write_ahead(self, name):
        """SQLite lets one write while others read."""
        with sqlite3.connect(os.path.join(self.directory, name)) as database:
            database.execute("pragma journal_mode=wal")
        database.close()

    def number_anew(self, table):
        """SQLite gives the number of a row that was deleted to the next one. No other database does, and Heat
        deletes what it takes for a resource's old properties by number, sometimes twice."""
        with closing(sqlite3.connect(os.path.join(self.directory, "heat.sqlite"))) as database:
            (made,) = database.execute("SELECT sql FROM sqlite_master WHERE name = ?",
                                       (table,)).fetchone()
            numbered, count = re.subn(r"\bid INTEGER NOT NULL(.*),\s*PRIMARY KEY \(id\)",
                                      r"id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL\1", made,
                                      flags=re.DOTALL)
            if count != 1:
                raise LabError(f"Heat's table {table} is another: {made}")
            database.executescript(f"DROP TABLE {table}; {numbered};")

    def run(self, command, url, **environment):
        with open(os.path.join(self.directory, "output.log"), "ab") as output:
            process = start(command, stdout=output, stderr=output, cwd=self.directory,
                            env={**os.environ, **environment})
        self.processes.append(process)

        def answers():
            if process.poll() is not None:
                raise LabError(f"{command[0]} ended with {process.returncode}: {self.log_tail()}")
            try:
                with urllib.request.urlopen(url, timeout=5):
                    return True
            except OSError as error:
                return getattr(error, "code", None) in (300, 401)  # 300: there are versions.
        wait_for(answers, f"{command[0]} answers", START_SECONDS)

    def log_tail(self, lines=40):
        text = ""
        for name in ("output.log", "keystone.log", "heat.log"):
            path = os.path.join(self.directory, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as log:
                    text += f"\n--- {name}\n" + "".join(log.readlines()[-lines:])
        return text

    def start_keystone(self):
        configuration = self.write("keystone.conf", KEYSTONE)
        os.mkdir(os.path.join(self.directory, "credential"), 0o700)
        os.mkdir(os.path.join(self.directory, "fernet"), 0o700)
        manage = ["keystone-manage", "--config-file", configuration]
        owner = ["--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid())]
        call(*manage, "db_sync")
        self.write_ahead("keystone.sqlite")
        call(*manage, "fernet_setup", *owner)
        call(*manage, "credential_setup", *owner)
        call(*manage, "bootstrap", "--bootstrap-password", self.password,
             "--bootstrap-region-id", REGION, *(f"--bootstrap-{kind}-url={self.keystone}"
                                                for kind in ("public", "internal", "admin")))
        self.run(["uwsgi", "--plugins", "python3", "--http-socket",
                  f"{self.address}:{self.ports['keystone']}", "--wsgi-file",
                  "/usr/bin/keystone-wsgi-public", "--processes", "1", "--threads", "1",
                  "--enable-threads", "--buffer-size", "65535", "--add-header", "Connection: close",
                  "--die-on-term", "--need-app"],
                 self.keystone, OS_KEYSTONE_CONFIG_FILES=configuration)

    def make_accounts(self):
        """Who Heat is, who owns the stacks, and where everything is. The domain of the nodes' users."""
        ask = self.admin.identity
        roles = {one["name"]: one["id"] for one in ask("GET", "/roles")["roles"]}
        for role in ("heat_stack_owner", "heat_stack_user"):
            roles[role] = ask("POST", "/roles", {"role": {"name": role}})["role"]["id"]

        def make(kind, **what):
            return ask("POST", f"/{kind}s", {kind: what})[kind]["id"]
        domain = make("domain", name="heat")
        for user, project, names in (("heat", "service", ["admin"]),
                                     ("owner", "peers", ["member", "heat_stack_owner"])):
            where = make("project", name=project, domain_id="default")
            who = make("user", name=user, password=self.password, domain_id="default")
            for name in names:
                ask("PUT", f"/projects/{where}/users/{who}/roles/{roles[name]}")
        keeper = make("user", name="heat-domain", password=self.password, domain_id=domain)
        ask("PUT", f"/domains/{domain}/users/{keeper}/roles/{roles['admin']}")
        for kind, url in (("orchestration", self.heat + "/v1/%(project_id)s"),
                          ("cloudformation", f"http://{self.address}:{self.ports['cfn']}/v1"),
                          ("compute", self.nova.url)):
            service = make("service", name=kind, type=kind)
            for interface in ("public", "internal", "admin"):
                make("endpoint", service_id=service, interface=interface, url=url, region_id=REGION)
        return domain

    def start_heat(self, domain):
        configuration = self.write("heat.conf", HEAT, plugins=os.path.join(HERE, "plugins"),
                                   key=secrets.token_hex(16), region=REGION, domain=domain,
                                   cfn=self.ports["cfn"], heat=self.ports["heat"],
                                   convergence=str(self.convergence).lower())
        call("heat-manage", "--config-file", configuration, "db_sync")
        self.write_ahead("heat.sqlite")
        self.number_anew("resource_properties_data")
        self.run(["heat-all", "--config-file", configuration], self.heat)

    def oldest_member(self, group):
        """The id of the member that Heat removes next. Its database orders them by fractions of a second,
        which its API does not tell."""
        with closing(sqlite3.connect(os.path.join(self.directory, "heat.sqlite"))) as database:
            (identifier,) = database.execute(
                "SELECT nova_instance FROM resource WHERE stack_id = ? "
                "ORDER BY created_at, name LIMIT 1", (group,)).fetchone()
        return identifier


__all__ = ["ControlPlane", "Refused"]
