"""Kamailio as the rival: one node in memory, or three that copy everything by DMQ."""

import os
import shutil
import tempfile

from lab.processes import LabError, cpu_seconds, free_port, start, stop, wait_for

PROGRAM = shutil.which("kamailio") or "/usr/sbin/kamailio"
UDP_WORKERS = 2
SHARED_MEGABYTES = 512

CONFIGURATION = r"""
debug=-1
log_stderror=yes
fork=yes
children={workers}
auto_aliases=no
enable_tls=no
disable_tcp=yes
listen=udp:127.0.0.1:{port}
{dmq_listen}
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "auth.so"
{dmq_modules}
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "hash_size", 14)
modparam("auth", "nonce_count", 0)
modparam("rr", "enable_full_lr", 1)

request_route {{
  if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  {dmq_route}
  if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (has_totag()) {{
    if (loose_route()) {{ t_relay(); exit; }}
    if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
    sl_send_reply("404", "Not here"); exit;
  }}
  t_check_trans();
  if (is_method("REGISTER")) {{
    {register_check}
    save("location"); exit;
  }}
  if (is_method("OPTIONS")) {{
    if (lookup("location") > 0) {{ sl_send_reply("200", "OK"); }}
    else {{ sl_send_reply("404", "Not Found"); }}
    exit;
  }}
  if (is_method("INVITE")) {{
    if (!pv_proxy_authenticate("example.org", "{password}", "0")) {{
      proxy_challenge("example.org", "1"); exit;
    }}
    consume_credentials();
    record_route();
  }}
  if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
  t_relay();
}}
"""

DMQ_MODULES = """
loadmodule "dmq.so"
loadmodule "dmq_usrloc.so"
modparam("dmq", "server_address", "sip:127.0.0.1:{dmq_port}")
modparam("dmq", "notification_address", "sip:127.0.0.1:{first_dmq_port}")
modparam("dmq", "num_workers", 2)
modparam("dmq_usrloc", "enable", 1)
"""


REGISTER_CHECK = """if (!pv_www_authenticate("example.org", "{password}", "0")) {{
      www_challenge("example.org", "1"); exit;
    }}"""


class Kamailio:
    """`count` nodes in a directory of their own; use it in a `with` statement. If `open_to_all`,
    nobody who registers is asked for a password."""

    def __init__(self, count, password, open_to_all=False):
        self.count, self.password, self.open_to_all = count, password, open_to_all
        self.directory, self.processes, self.ports = None, [], []

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="carillon-rival-")
        self.ports = [free_port() for _ in range(self.count)]
        dmq_ports = [free_port() for _ in range(self.count)]
        try:
            for number in range(self.count):
                self._start(number, dmq_ports)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self, number, dmq_ports):
        several = self.count > 1
        home = os.path.join(self.directory, str(number))
        os.mkdir(home)
        path = os.path.join(home, "kamailio.cfg")
        with open(path, "w", encoding="ascii") as text:
            text.write(CONFIGURATION.format(
                register_check="" if self.open_to_all
                else REGISTER_CHECK.format(password=self.password),
                workers=UDP_WORKERS, port=self.ports[number], password=self.password,
                dmq_listen=f"listen=udp:127.0.0.1:{dmq_ports[number]}" if several else "",
                dmq_modules=DMQ_MODULES.format(dmq_port=dmq_ports[number],
                                               first_dmq_port=dmq_ports[0]) if several else "",
                dmq_route='if (is_method("KDMQ")) { dmq_handle_message(); exit; }'
                if several else ""))
        log = open(os.path.join(home, "log"), "wb")
        process = start([PROGRAM, "-DD", "-E", "-f", path, "-m", str(SHARED_MEGABYTES), "-M", "16",
                         "-Y", home, "-w", home], stdout=log, stderr=log)
        log.close()
        self.processes.append(process)
        wait_for(lambda: self._listens(number) or process.poll() is not None,
                 "Kamailio listens", 20)
        if process.poll() is not None:
            with open(os.path.join(home, "log"), encoding="utf-8", errors="replace") as text:
                raise LabError("Kamailio ended: " + text.read()[-2000:])

    def _listens(self, number):
        port = f":{self.ports[number]:04X}"
        with open("/proc/net/udp", encoding="ascii") as table:
            return any(line.split()[1].endswith(port) for line in table.readlines()[1:])

    def __exit__(self, *_):
        for process in self.processes:
            stop(process, 5)
        shutil.rmtree(self.directory, ignore_errors=True)

    def address(self, number=0):
        return "127.0.0.1", self.ports[number]

    def cpu_seconds(self):
        """Of all processes of all nodes."""
        pids = []
        for process in self.processes:
            pids += _tree(process.pid)
        return cpu_seconds(pids)


def _tree(pid):
    """A process and all that it started."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
        below = [int(child) for child in children.read().split()]
    return [pid] + [one for child in below for one in _tree(child)]
