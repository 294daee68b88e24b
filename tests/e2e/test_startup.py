"""What an operator may get wrong: one clear line on stderr and exit status 1."""

import os
import shutil
import socket
import subprocess
import tempfile
import unittest

from lab.overlay import Overlay
from lab.processes import program


class Startup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.overlay = Overlay()
        cls.addClassCleanup(cls.overlay.__exit__)
        cls.overlay.__enter__()
        cls.enrolled = cls.overlay.enroll()

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="carillon-test-")
        self.addCleanup(shutil.rmtree, self.directory)

    def path(self, name):
        return os.path.join(self.directory, name)

    def copy_of_enrolled(self):
        shutil.copytree(self.enrolled.directory, self.path("peer"))
        return self.path("peer")

    def fails(self, *arguments, directory=None, status=1):
        """The one line that the peer says before it gives up."""
        options = {"--dir": directory or self.enrolled.directory, "--data": self.path("data"),
                   "--listen": "127.0.0.1:0", "--sip": "udp:127.0.0.1:0",
                   "--sip-peer": "127.0.0.1:0", "--control": self.path("control")}
        options.update(zip(arguments[::2], arguments[1::2]))
        command = [program(), "peer", "--first", "--log-level", "error"]
        for key, value in options.items():
            command += [key, value]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertNotIn("ready", done.stdout)
        return lines[0]

    def test_ports_in_use(self):
        with socket.socket() as taken, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            datagram.bind(("127.0.0.1", 0))
            stream_port, datagram_port = taken.getsockname()[1], datagram.getsockname()[1]
            for option, value, port in (
                    ("--listen", f"127.0.0.1:{stream_port}", stream_port),
                    ("--sip", f"tcp:127.0.0.1:{stream_port}", stream_port),
                    ("--sip", f"udp:127.0.0.1:{datagram_port}", datagram_port),
                    ("--sip-peer", f"127.0.0.1:{stream_port}", stream_port)):
                with self.subTest(option=option, value=value):
                    line = self.fails(option, value)
                    self.assertIn(str(port), line)
                    self.assertRegex(line.lower(), "in use")

    def test_unwritable_data(self):
        with open(self.path("file"), "w", encoding="ascii"):
            pass
        self.assertIn("file/data", self.fails("--data", self.path("file/data")))
        if os.geteuid() != 0:  # root may write everywhere
            os.mkdir(self.path("closed"), 0o500)
            self.assertIn("closed", self.fails("--data", self.path("closed/data")))

    def test_unreachable_control_socket(self):
        self.assertIn("nowhere", self.fails("--control", self.path("nowhere/control")))

    def test_no_such_peer_directory(self):
        self.assertIn("absent", self.fails(directory=self.path("absent")))

    def test_key_of_another_peer(self):
        other = self.overlay.enroll(listed=False)
        directory = self.copy_of_enrolled()
        shutil.copy(os.path.join(other.directory, "node.key"), os.path.join(directory, "node.key"))
        self.assertIn("key", self.fails(directory=directory))

    def test_certificate_of_another_overlay(self):
        with Overlay() as other:
            stranger = other.enroll()
            directory = self.copy_of_enrolled()
            for name in ("node.crt", "node.key", "registrar-ca.crt", "registrar-ca.key"):
                shutil.copy(os.path.join(stranger.directory, name), os.path.join(directory, name))
            self.assertIn("certificate", self.fails(directory=directory).lower())

    def test_damaged_files(self):
        for name in ("node.crt", "node.key", "overlay.xml", "operator.key", "root.crt",
                     "registrar-ca.crt"):
            with self.subTest(name=name):
                directory = self.copy_of_enrolled()
                with open(os.path.join(directory, name), "wb") as damaged:
                    damaged.write(b"no such thing\n")
                self.assertIn(name.split(".")[0], self.fails(directory=directory))
                shutil.rmtree(directory)

    def test_configuration_that_was_tampered_with(self):
        directory = self.copy_of_enrolled()
        path = os.path.join(directory, "overlay.xml")
        with open(path, encoding="utf-8") as document:
            content = document.read()
        with open(path, "w", encoding="utf-8") as document:
            document.write(content.replace("<max-message-size>", "<max-message-size>1", 1))
        self.assertIn("overlay.xml", self.fails(directory=directory))

    def test_damaged_database(self):
        os.makedirs(self.path("data"))
        self.run_once()
        damaged = []
        for directory, _, names in os.walk(self.path("data")):
            for name in names:
                if name.endswith(".mdb") and "lock" not in name:
                    path = os.path.join(directory, name)
                    with open(path, "r+b") as database:
                        database.write(b"\xa5" * 8192)
                    with open(path, "rb") as database:
                        damaged.append((path, database.read()))
        self.assertTrue(damaged, "no database was found to damage")
        self.assertRegex(self.fails().lower(), "damaged|corrupt|invalid")
        for path, content in damaged:  # For whoever wants to save something of it.
            with open(path, "rb") as database:
                self.assertEqual(database.read(), content)

    def run_once(self):
        """A peer that starts and leaves, so that there is a database."""
        process = subprocess.Popen(
            [program(), "peer", "--first", "--dir", self.enrolled.directory, "--data",
             self.path("data"), "--listen", "127.0.0.1:0", "--control", self.path("control")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        with process:
            self.assertTrue(process.stdout.readline().startswith("ready "))
            process.terminate()
            self.assertEqual(process.wait(20), 0)

    def test_wrong_usage(self):
        for arguments in (["peer", "--no-such-flag"], ["no-such-command"], ["lookup"],
                          ["peer", "--dir", "x", "--data", "y", "--listen", "nonsense"]):
            with self.subTest(arguments=arguments):
                done = subprocess.run([program(), *arguments], capture_output=True, text=True,
                                      timeout=20, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertTrue(done.stderr.strip())

    def test_help(self):
        for arguments in ([], ["peer"], ["overlay", "create"], ["overlay", "enroll"],
                          ["user", "add"], ["user", "remove"], ["user", "list"], ["status"],
                          ["lookup"], ["store"], ["leave"], ["decode"]):
            with self.subTest(arguments=arguments):
                done = subprocess.run([program(), *arguments, "--help"], capture_output=True,
                                      text=True, timeout=20, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("--help", done.stdout)

    def test_nobody_to_bootstrap_from(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % closed.getsockname()[1]
        command = [program(), "peer", "--dir", self.enrolled.directory, "--data",
                   self.path("data"), "--listen", "127.0.0.1:0", "--bootstrap", address]
        with open(self.path("log"), "wb") as log, \
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log) as process:
            from lab.processes import wait_for
            try:
                wait_for(lambda: address in self.read_log() or process.poll() is not None,
                         "a line that says who was not reached")
                self.assertIn(address, self.read_log())
            finally:
                process.kill()

    def read_log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as log:
            return log.read()


if __name__ == "__main__":
    unittest.main()
