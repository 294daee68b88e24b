"""OpenStack's Keystone and Heat as a node of an autoscaling group sees them, on loopback: what
it is told to do, whom it has to answer, and what real Heat does on the way (redirections, credentials
that are revoked, an entry that stays when it has been answered)."""

import http.server
import json
import threading

NODE = {"user_id": "node-user", "password": "node-secret", "project_id": "project-1"}
DEPLOYMENT = {"user_id": "deploy-user", "password": "deploy-secret", "project_id": "project-1"}


class FakeHeat:
    """Use it in a `with` statement; `do` gives the node something to do."""

    def __init__(self, auth_suffix="/v3", deletes=True):
        self.auth_suffix = auth_suffix
        self.deletes = deletes  # The server, when a DELETE is answered; false: it had given up waiting.
        self.deployments = []
        self.signals = []  # (resource, body) in their order
        self.polls = 0
        self.revoked = set()  # User ids.
        self.failing = 0  # So many signals are refused with 500 first.
        self.tokens = {}
        self.lock = threading.Lock()

    def __enter__(self):
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                fake.answer(self, None)

            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                fake.answer(self, json.loads(self.rfile.read(length) or b"null"))

            do_PUT = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def node_file(self, path):
        """What cloud-init leaves on the server."""
        heat = {**NODE, "auth_url": self.url + self.auth_suffix, "stack_id": "stack/uuid-1",
                "resource_name": "server"}
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"os-collect-config": {"heat": heat}}, file)
        return path

    def do(self, action, identifier, name="10-carillon-lifecycle", transport="HEAT_SIGNAL"):
        inputs = {"deploy_server_id": "server-1", "deploy_action": action,
                  "deploy_stack_id": "stack/uuid-1", "deploy_resource_name": "lifecycle",
                  "deploy_signal_transport": transport}
        if transport == "HEAT_SIGNAL":
            inputs.update({"deploy_auth_url": self.url + self.auth_suffix,
                           "deploy_username": "x", "deploy_region_name": "here",
                           **{f"deploy_{key}": value for key, value in DEPLOYMENT.items()}})
        else:
            inputs.update({"deploy_signal_id": self.url + "/presigned?Signature=x%2F",
                           "deploy_signal_verb": "PUT"})
        with self.lock:
            self.deployments.append({
                "id": identifier, "name": name, "group": "script", "config": "",
                "outputs": [], "inputs": [{"name": key, "type": "String", "value": value}
                                          for key, value in inputs.items()]})

    def answer(self, request, body):
        with self.lock:
            status, headers, content = self.decide(request, body)
        text = json.dumps(content).encode()
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)

    def decide(self, request, body):
        path = request.path
        if path == "/v3/auth/tokens":
            return self.authenticate(body["auth"])
        if path.startswith("/presigned"):
            return self.take_signal(path, body)
        user = self.tokens.get(request.headers.get("X-Auth-Token"))
        if user is None or user in self.revoked:
            return 401, {}, {}
        root = "/v1/project-1/stacks/stack/uuid-1/resources/"
        if path == root + "server/metadata" and user == NODE["user_id"]:
            # Heat sends to the canonical place where a shorter one is asked for.
            return 302, {"Location": self.url + "/canonical" + path}, {}
        if path == "/canonical" + root + "server/metadata":
            self.polls += 1
            return 200, {}, {"deployments": self.deployments}
        if path == root + "lifecycle/signal" and user == DEPLOYMENT["user_id"]:
            if self.failing > 0:
                self.failing -= 1
                return 500, {}, {}
            return self.take_signal("lifecycle", body)
        return 404, {}, {}

    def take_signal(self, resource, body):
        self.signals.append((resource, body))
        last = {one["name"]: one["value"] for one in self.deployments[-1]["inputs"]}
        if self.deletes and last["deploy_action"] == "DELETE":
            self.revoked.update({NODE["user_id"], DEPLOYMENT["user_id"]})
        return 200, {}, {}

    def authenticate(self, auth):
        user = auth["identity"]["password"]["user"]
        known = {one["user_id"]: one for one in (NODE, DEPLOYMENT)}
        account = known.get(user["id"])
        scope = auth["scope"]["project"]["id"]
        if account is None or account["password"] != user["password"] or \
                scope != account["project_id"] or user["id"] in self.revoked:
            return 401, {}, {}
        token = f"token-{len(self.tokens)}"
        self.tokens[token] = user["id"]
        endpoints = [{"interface": "public", "region": "elsewhere", "url": "http://127.0.0.1:1"},
                     {"interface": "internal", "region": "here", "url": "http://127.0.0.1:1"},
                     {"interface": "public", "region": "here", "url": self.url + "/v1/project-1/"}]
        if user["id"] == NODE["user_id"]:  # The node's credentials name no region.
            endpoints = endpoints[1:]
        return 201, {"X-Subject-Token": token}, {
            "token": {"catalog": [{"type": "compute", "endpoints": []},
                                  {"type": "orchestration", "endpoints": endpoints}]}}
