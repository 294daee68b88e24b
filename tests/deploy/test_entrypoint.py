"""The container's entry point, run as Kubernetes runs it: a seed, peers that enroll, probes, preStop."""

import http.client
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from lab.isolated import OWN_NETWORK
from lab.processes import REPOSITORY, program, start, stop, wait_for

ENTRY_POINT = os.path.join(REPOSITORY, "deploy", "container", "entrypoint")
HTTP_PORT = 9090


class Pod:
    """A container with an address and a volume of its own."""

    def __init__(self, directory, name, number, role="peer", **environment):
        self.address = f"127.0.0.{number}"
        self.state = os.path.join(directory, name)
        os.makedirs(self.state, exist_ok=True)
        self.role = role
        self.log_path = self.state + ".log"
        self.environment = {"PATH": os.environ["PATH"], "CARILLON_PROGRAM": program(),
                            "CARILLON_STATE": self.state, "CARILLON_ADDRESS": self.address,
                            "CARILLON_ORDINAL_NAME": name,
                            "CARILLON_OVERLAY_NAME": "overlay.example.org",
                            "CARILLON_DOMAINS": "example.org example.net", **environment}
        self.process = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = start([ENTRY_POINT, self.role], stdout=log, stderr=log,
                                 env=self.environment)
        return self

    def run(self, *arguments):
        """What `kubectl exec POD -- carillon-entrypoint ...` does."""
        return subprocess.run([ENTRY_POINT, *arguments], env=self.environment, timeout=60,
                              capture_output=True, text=True, check=False)

    def probe(self, path):
        """The status that a probe gets; 0 if nobody answers."""
        connection = http.client.HTTPConnection(self.address, HTTP_PORT, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def wait_ready(self):
        wait_for(lambda: self.probe("/ready") == 200 or self.process.poll() is not None,
                 f"{self.state} is ready: {self.log()[-1500:]}", 60)
        if self.process.poll() is not None:
            raise AssertionError(self.log()[-1500:])
        return self

    def log(self):
        with open(self.log_path, encoding="utf-8") as log:
            return log.read()

    def delete(self):
        """preStop, then SIGTERM, as Kubernetes does it. The exit status."""
        hook = self.run("leave")
        if hook.returncode != 0:
            raise AssertionError(hook.stderr)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@unittest.skipUnless(OWN_NETWORK in os.environ, "needs a network of its own: its ports are fixed")
class EntryPoint(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="carillon-pods-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.tokens = os.path.join(self.directory, "tokens")

    def pod(self, *arguments, **environment):
        pod = Pod(self.directory, *arguments, **environment)
        self.addCleanup(lambda: pod.process and stop(pod.process))
        return pod

    def peer(self, number):
        return self.pod(f"peer-{number}", number + 2, CARILLON_TOKENS=self.tokens,
                        CARILLON_JOIN="https://127.0.0.1:8443")

    def test_seed_peers_scaling_and_rolling_restart(self):
        seed = self.pod("seed-0", 1, "seed").start().wait_ready()
        made = seed.run("token", "add", "--overlay", os.path.join(seed.state, "overlay"),
                        "--count", "3")
        self.assertEqual(len(made.stdout.splitlines()), 3, made.stderr)
        with open(self.tokens, "w", encoding="ascii") as file:
            file.write(made.stdout)

        peers = [self.peer(number).start().wait_ready() for number in range(2)]
        self.assertEqual(peers[0].probe("/health"), 200)
        added = seed.run("user", "add", "alice@example.net", "--password", "wonder-1")
        self.assertEqual(added.returncode, 0, added.stderr)
        self.assertEqual(peers[1].run("user", "list").stdout, "alice@example.net\n")

        # Scaled in and out again: the volume has stayed, so no token is needed.
        self.assertEqual(peers[1].delete(), 0)
        with open(self.tokens, "w", encoding="ascii") as file:
            file.write("\n\n" + made.stdout.splitlines()[2] + "\n")
        peers[1].start().wait_ready()

        # The seed restarts, too, and has forgotten nothing; then one more peer enrolls.
        self.assertEqual(seed.delete(), 0)
        seed.start().wait_ready()
        self.assertEqual(seed.run("user", "list").stdout, "alice@example.net\n")
        self.peer(2).start().wait_ready()

    def test_without_a_token_it_does_not_come_up(self):
        self.pod("seed-0", 1, "seed").start().wait_ready()
        open(self.tokens, "w", encoding="ascii").close()
        peer = self.peer(0).start()
        self.assertEqual(peer.process.wait(30), 1)
        self.assertIn("a token is needed", peer.log())

    def test_an_address_is_needed(self):
        peer = self.pod("peer-0", 2, CARILLON_ADDRESS="").start()
        self.assertEqual(peer.process.wait(30), 2)
        self.assertIn("CARILLON_ADDRESS", peer.log())

    def test_leaving_when_there_is_nobody(self):
        done = self.pod("peer-0", 2).run("leave")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_any_other_command(self):
        self.assertRegex(self.pod("peer-0", 2).run("--version").stdout, r"^carillon \d")

    @unittest.skipUnless(shutil.which("shellcheck"), "no shellcheck here")
    def test_shellcheck_finds_nothing(self):
        done = subprocess.run(["shellcheck", ENTRY_POINT], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
