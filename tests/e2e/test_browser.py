"""Browsers as phones: Chromium with JsSIP and with SIP.js, over secure WebSocket."""

import os
import unittest

from case import PASSWORDS
from lab.browser import Browser
from lab.processes import free_port, wait_for
from lab.sipp import Sipp
from secure_case import SecureCase

HERE = os.path.dirname(os.path.abspath(__file__))


class BrowserPhones(SecureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = Browser(cls.overlay.directory)
        cls.addClassCleanup(cls.browser.__exit__)

    def browser_phone(self, user, peer_number, library):
        server = "wss://%s:%d/" % self.peer(peer_number).sip("wss")
        name = f"{user} with {library} in {self.id()}"
        phone = self.browser.phone(name, library, server, user, PASSWORDS[user])
        self.assertEqual(phone.do("registered"), "registered")
        return phone

    def hears(self, phone):
        wait_for(lambda: phone.do("received") > 1000, f"sound reaches {phone.name}")

    def test_call_each_other_through_different_peers(self):
        for caller_library, called_library in (("jssip", "sipjs"), ("sipjs", "jssip")):
            with self.subTest(caller=caller_library):
                caller = self.browser_phone("alice", 1, caller_library)
                called = self.browser_phone("bob", 2, called_library)
                self.assertEqual(caller.do("call", "sip:bob@example.org"), "confirmed")
                self.assertEqual(called.do("confirmed"), "confirmed")
                self.hears(caller)
                self.hears(called)
                ended = caller.begin("ended")
                self.assertEqual(called.do("hangUp"), "local")
                self.assertEqual(ended(), "remote")
                for phone in (caller, called):
                    phone.do("stop")
                    phone.close()

    def test_calls_sipp_at_another_peer(self):
        port = free_port()
        with Sipp("register.xml", self.overlay.directory, self.peer(2).sip("udp"), "carol",
                  PASSWORDS["carol"], keys={"contact_port": str(port)}) as registering:
            registering.wait()
        self.addCleanup(self.forget, "carol", 2)
        answering = Sipp(os.path.join(HERE, "sipp", "answer_browser.xml"), self.overlay.directory,
                         user="carol", port=port)
        self.addCleanup(answering.__exit__)
        caller = self.browser_phone("alice", 3, "jssip")
        self.assertEqual(caller.do("call", "sip:carol@example.org"), "confirmed",
                         answering.errors())
        self.assertEqual(caller.do("hangUp"), "local")
        answering.wait()
        caller.close()

    def test_a_page_that_is_closed_is_not_there_any_more(self):
        self.browser_phone("bob", 2, "sipjs").close()
        wait_for(lambda: self.phone("alice", 3).call_user("bob").final().status == 480,
                 "bob is not there any more")


if __name__ == "__main__":
    unittest.main()
