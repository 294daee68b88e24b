"""As much of Nova as Heat's engine asks for: whether a server is there."""

import http.server
import json
import threading


class Nova:
    """Every server is there, unless its id is in `gone`. Use it in a `with` statement."""

    def __init__(self, address):
        self.gone = set()
        nova = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, content = nova.answer(self.path)
                text = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((address, 0), Handler)
        self.url = f"http://{address}:{self.server.server_port}/v2.1"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path):
        _, _, identifier = path.rpartition("/servers/")
        if "/servers/" not in path:
            return 200, {"version": {"id": "v2.1", "status": "CURRENT", "version": "2.90",
                                     "min_version": "2.1",
                                     "links": [{"rel": "self", "href": self.url + "/"}]}}
        if identifier in self.gone:
            return 404, {"itemNotFound": {"code": 404, "message": "there is no such server"}}
        return 200, {"server": {"id": identifier, "name": identifier, "status": "ACTIVE"}}
