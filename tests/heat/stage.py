"""A control plane, an overlay whose peers are members of a Heat group, and their phones."""

import os
import time

from calls import Calls
from client import wait_until
from cluster import Cluster, YardOverlay
from control_plane import ControlPlane
from group import Group
from hypervisor import Hypervisor
from lab.enrollment import EnrollmentServer
from lab.processes import LabError
from ledger import Ledger
from nova import Nova
from phones import Phones
from yard import YARD_ADDRESS, Yard

CHANGE_SECONDS = 120


class Stage(Cluster):
    """One peer that belongs to no group, beside it the enrollment server, and a group of two. Use it in
    a `with` statement."""

    def __enter__(self):
        self.open, self.enrollment, self.group = [], None, None
        try:
            self._set_up()
        except BaseException:
            self.tell()
            self.__exit__()
            raise
        return self

    def play(self, chapters):
        try:
            self.open_for_business()
            for name, chapter in chapters.items():
                self.chapter(name, chapter)
        except BaseException:
            self.tell()
            raise

    def tell(self):
        """Of what has gone wrong."""
        for peer in [*self.overlay.peers, *self.hypervisor.servers.values()]:
            print(f"peer {peer.number}:{peer.log_tail(25)}", flush=True)
        print(self.cloud.log_tail(), flush=True)

    def _enter(self, what):
        what.__enter__()
        self.open.append(what)
        return what

    def _set_up(self):
        self.yard = self._enter(Yard())
        self.overlay = self._enter(YardOverlay(self.yard))
        self.nova = self._enter(Nova(YARD_ADDRESS))
        self.say("Keystone and Heat start")
        self.cloud = self._enter(ControlPlane(os.path.join(self.overlay.directory, "cloud"),
                                              YARD_ADDRESS, self.nova, self.options.convergence))
        self.say("a peer, an enrollment server, a stack of two more")
        self.start_peers(1)
        self.enrollment = EnrollmentServer(self.overlay, self.overlay.peers[0], YARD_ADDRESS).start()
        self.group = Group(self.cloud.user, "carillon", min_size=2, max_size=5,
                           enrollment_url=self.enrollment.url,
                           group_token=self.enrollment.token("--group")).make()
        self.hypervisor = self._enter(Hypervisor(self.overlay, self.group))
        stack = self.group.wait_until_settled("CREATE", CHANGE_SECONDS, self.hypervisor.look)
        if stack["stack_status"] != "CREATE_COMPLETE":
            raise LabError(stack["stack_status_reason"])
        self.overlay.settle()
        self.phones = self._enter(Phones(self.yard.add(net=1), self.yard.add(net=1),
                                         os.path.join(self.overlay.directory, "phones"),
                                         self.overlay.domain, self.options.phones, self.options))
        self.ledger, self.calls = Ledger(self.phones), Calls(self.phones)

    def __exit__(self, *_):
        if self.enrollment:
            self.enrollment.stop()
        for what in reversed(self.open):
            what.__exit__(None, None, None)

    def ready(self):
        """To whom phones may be sent: as a load balancer would ask."""
        return [peer for peer in self.overlay.able() if self.is_ready(peer)]

    @staticmethod
    def is_ready(peer):
        try:
            return peer.get("/ready")[0] == 200
        except OSError:
            return False

    def wait_for_members(self, count, seconds=CHANGE_SECONDS):
        """Until Heat is done, and has so many; phones go where they are served meanwhile."""
        def there():
            self.phones.assign(self.ready())
            return (self.group.state()[1] != "IN_PROGRESS" and len(self.group.members()) == count and
                    len(self.hypervisor.running()) == count)
        self.wait_until(there, f"{count} members", seconds)

    def wait_until(self, condition, what, seconds=CHANGE_SECONDS):
        """While the hypervisor goes on."""
        def looked():
            self.hypervisor.look()
            return condition()
        return wait_until(looked, what, seconds)

    def scale(self, policy, count):
        """One peer more or less. Seconds from the signal until Heat is done."""
        began = time.monotonic()
        self.group.signal_until_heard(policy)
        self.wait_for_members(count)
        return round(time.monotonic() - began, 1)

    def oldest(self):
        """Whom Heat removes next."""
        return self.hypervisor.servers[self.cloud.oldest_member(self.group.nested)]

    def leaver(self):
        """The server that Heat has asked to leave."""
        def told():
            return next((server for server in self.hypervisor.running()
                         if server.member.told_to_leave()), None)
        return self.wait_until(told, "a server is told to leave")
