"""All users and bindings out of an overlay and into another one, and into and out of Kamailio's table."""

import json
import os
import stat
import time
import unittest

from lab.overlay import Overlay
from lab.phone import Phone
from lab.processes import LabError

PASSWORD = "wonder-1"
USERS = 80  # More than a page has.
DBTEXT = "/usr/share/kamailio/dbtext/kamailio/location"


class Backup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.overlay = Overlay()
        cls.addClassCleanup(cls.overlay.__exit__)
        cls.overlay.__enter__()
        cls.overlay.start(3)
        for number in range(USERS):
            cls.overlay.add_user(f"user{number}", PASSWORD, cls.peer(number % 3))
        for number in range(6):
            transport = "tcp" if number == 5 else "udp"
            peer = cls.peer(number % 3)
            phone = Phone(f"user{number}", peer.sip(transport), "example.org", PASSWORD, transport)
            cls.addClassCleanup(phone.close)
            if phone.register().status != 200:
                raise LabError("not registered")

    @classmethod
    def peer(cls, number):
        return cls.overlay.peers[number]

    def setUp(self):
        self.files = 0

    def path(self, content=None):
        self.files += 1
        path = os.path.join(self.overlay.directory, f"{self.id()}{self.files}")
        if content is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
        return path

    def other(self):
        """Another overlay that serves the same domain, with one peer."""
        other = Overlay()
        self.addCleanup(other.__exit__)
        other.__enter__()
        return other.start(1)[0]

    def exported(self, peer, *options):
        path = self.path()
        peer.carillon("export", path, *options)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding="utf-8") as file:
            return path, file.read().splitlines()

    def contacts(self, peer, user):
        return [one["contact"] for one in peer.lookup(f"{user}@example.org")["bindings"]]

    def test_everything_moves_to_another_overlay(self):
        path, lines = self.exported(self.peer(1))
        entries = {entry["aor"]: entry for entry in map(json.loads, lines)}
        self.assertEqual(set(entries), {f"user{n}@example.org" for n in range(USERS)})
        self.assertEqual(sum(len(entry["bindings"]) for entry in entries.values()), 6)
        for entry in entries.values():
            self.assertEqual(set(entry["credential"]), {"sha256", "md5", "sha256_with_domain",
                                                        "md5_with_domain", "sha512_256",
                                                        "sha512_256_with_domain"})
        # From any peer the same.
        self.assertEqual({json.loads(line)["aor"] for line in self.exported(self.peer(2))[1]},
                         set(entries))

        target = self.other()
        said = target.carillon("import", path)
        self.assertEqual(said, f"imported: {USERS} users, 5 bindings; there already or removed "
                               "since: 0; expired or on a connection: 1; failed: 0\n")
        for number in range(5):
            self.assertEqual(self.contacts(target, f"user{number}"),
                             self.contacts(self.peer(0), f"user{number}"))
        # Passwords came along.
        with Phone("user77", target.sip("udp"), "example.org", PASSWORD) as phone:
            self.assertEqual(phone.register().status, 200)
        with Phone("user78", target.sip("udp"), "example.org", "wrong") as phone:
            self.assertEqual(phone.register().status, 401)
        # Twice does no harm.
        self.assertIn("imported: 0 users, 0 bindings; there already or removed since: 5;",
                      target.carillon("import", path))

    def test_what_is_newer_or_removed_stays_so(self):
        path, _ = self.exported(self.peer(0))
        target = self.other()
        target.carillon("import", path)
        with Phone("user1", target.sip("udp"), "example.org", PASSWORD) as phone:
            self.assertEqual(phone.register().status, 200)
            mine = self.contacts(target, "user1")
            self.assertIn(phone.contact_uri, mine)
            self.assertIn("imported: 0 users, 0 bindings", target.carillon("import", path))
            self.assertEqual(self.contacts(target, "user1"), mine)
            # The phone takes all bindings back: an old backup brings none to life again.
            self.assertEqual(phone.register(expires=0, contact="*").status, 200)
        self.assertEqual(self.contacts(target, "user1"), [])

    def test_kamailios_table_both_ways(self):
        path, lines = self.exported(self.peer(0), "--format", "kamailio")
        self.assertEqual(len(lines), 1 + 5)
        columns = lines[0].split("\t")
        rows = [dict(zip(columns, line.split("\t"))) for line in lines[1:]]
        row = next(row for row in rows if row["username"] == "user2")
        self.assertEqual(row["domain"], "example.org")
        self.assertEqual([row["contact"]], self.contacts(self.peer(0), "user2"))
        self.assertEqual(len({row["ruid"] for row in rows}), 5)
        expires = time.mktime(time.strptime(row["expires"], "%Y-%m-%d %H:%M:%S"))
        self.assertGreater(expires, time.time())

        target = self.other()
        self.assertIn("imported: 0 users, 5 bindings", target.carillon("import", path, "--format",
                                                                       "kamailio"))
        self.assertEqual(self.contacts(target, "user2"), self.contacts(self.peer(0), "user2"))
        again, more = self.exported(target, "--format", "kamailio", "--times", "utc")
        self.assertEqual({line.split("\t")[3] for line in more}, {line.split("\t")[3]
                                                                   for line in lines})
        self.assertIn("there already or removed since: 5",
                      target.carillon("import", again, "--format", "kamailio", "--times", "utc"))

    @unittest.skipUnless(os.path.exists(DBTEXT), "no Kamailio here")
    def test_the_columns_are_kamailios(self):
        with open(DBTEXT, encoding="ascii") as table:
            theirs = {column.split("(")[0] for column in table.readline().split()}
        ours = set(self.exported(self.peer(0), "--format", "kamailio")[1][0].split("\t"))
        self.assertEqual(ours, theirs - {"id"})

    def test_rows_as_mysql_writes_them(self):
        target = self.other()
        later = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 1000))
        table = self.path(
            "id\tusername\tdomain\tcontact\treceived\tpath\texpires\tq\tinstance\treg_id\n"
            f"1\talice\texample.org\tsip:alice@192.0.2.1:5060\tNULL\tNULL\t{later}\t-1.00\tNULL\t0\n"
            f"2\talice\texample.org\tsip:alice@192.0.2.2\tNULL\t<sip:192.0.2.9;lr>\t{later}\t0.50"
            "\t<urn:uuid:1>\t1\n"
            f"3\tbob\tNULL\tsip:bob@10.0.0.1\tsip:192.0.2.3:6000\tNULL\t{later}\t1\tNULL\t0\n"
            f"4\tcarol\tNULL\tsip:carol@192.0.2.4\tNULL\tNULL\t2001-01-01 00:00:00\t1\tNULL\t0\n"
            f"5\tdora\tNULL\tsip:dora\\\\@192.0.2.5\tNULL\tNULL\t{later}\t1\tNULL\t0\n")
        said = target.carillon("import", table, "--format", "kamailio", "--times", "utc",
                               "--domain", "example.org")
        self.assertEqual(said, "imported: 0 users, 3 bindings; there already or removed since: 0; "
                               "expired or on a connection: 2; failed: 0\n")
        found = {one["contact"]: one
                 for one in target.lookup("alice@example.org")["bindings"]}
        self.assertEqual(found["sip:alice@192.0.2.1:5060"]["q"], 1.0)
        self.assertEqual(found["sip:alice@192.0.2.2"]["q"], 0.5)
        self.assertEqual(found["sip:alice@192.0.2.2"]["path"], ["<sip:192.0.2.9;lr>"])
        self.assertEqual(self.contacts(target, "dora"), ["sip:dora\\@192.0.2.5"])

    def test_what_is_no_backup(self):
        for content, options, said in (
                ("nonsense\n", (), "line 1: is no entry"),
                ('{"aor":5}\n', (), "line 1: is no entry"),
                ("a\tb\n", ("--format", "kamailio"), 'names no column "username"'),
                ("username\tcontact\texpires\nx\n", ("--format", "kamailio"), "line 2: has 1"),
                ("username\tcontact\texpires\na\tsip:a@b\tsoon\n",
                 ("--format", "kamailio", "--domain", "example.org"), "line 2: \"soon\" is no time")):
            done = self.peer(0).try_carillon("import", self.path(content), *options)
            self.assertEqual(done.returncode, 1, content)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn(said, done.stderr)
        done = self.peer(0).try_carillon("import", self.path() + "-not-there")
        self.assertIn("cannot be read", done.stderr)
        foreign = self.path('{"aor":"x@foreign.example","bindings":[{"contact":"sip:x@y",'
                            '"expires_ms":99999999999999}]}\n')
        done = self.peer(0).try_carillon("import", foreign)
        self.assertEqual(done.returncode, 1)
        self.assertIn("failed: 1", done.stdout)
        self.assertIn("forbidden", done.stderr)

    def test_to_stdout(self):
        lines = self.peer(2).carillon("export").splitlines()
        self.assertEqual(len(lines), USERS)


if __name__ == "__main__":
    unittest.main()
