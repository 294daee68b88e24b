"""The core does no I/O: its archives ask for no clock, socket, thread, file or random number."""

import os
import re
import subprocess
import tempfile
import unittest

from layers import CORE, SOURCE, sources

# The directory that the archives were built in; CMake says.
BUILD = os.environ.get("CARILLON_BUILD_DIR")

# As `nm -uC` shows them, by what they would do.
FORBIDDEN = {
    "clock": r"std::chrono::(_V2::)?(system|steady|high_resolution)_clock::now"
             r"|^(clock_gettime|clock_getres|gettimeofday|time|ftime|clock|timespec_get|usleep|sleep"
             r"|nanosleep|clock_nanosleep|localtime(_r)?)$"
             r"|^X509_gmtime_adj|^X509_cmp_current_time|^timer_create|^timerfd_",
    "socket": r"^(__)?(socket|bind|listen|accept4?|connect|send(to|msg|mmsg)?|recv(from|msg|mmsg)?"
              r"|poll|ppoll|select|pselect|epoll_\w+|getaddrinfo|freeaddrinfo|gethostby\w+"
              r"|getsockopt|setsockopt|shutdown|socketpair)(@.*)?$|BIO_new_(socket|connect|accept)"
              r"|^SSL_|boost::asio|__poll_chk|__recv(from)?_chk|xmlNanoHTTP",
    "thread": r"^pthread_create|std::thread|std::jthread|std::condition_variable"
              r"|^pthread_(mutex|cond|rwlock)_|std::__future_base|std::this_thread|^fork$|^execv"
              r"|^sem_(wait|post)|__gthread",
    "file": r"^(__)?(open(at)?(64)?|creat|fopen(64)?|fdopen|freopen|read|pread(64)?|write|pwrite(64)?"
            r"|close|stat(64)?|fstat(64)?|lstat(64)?|unlink|rename|mkdir|rmdir|opendir|readdir|mmap"
            r"|fsync|fdatasync|fread|fwrite|fputs|fputc|fprintf|printf|vprintf|puts|putchar|perror"
            r"|fflush|ioctl|pipe2?|remove|tmpfile|mkstemp|getenv|secure_getenv|system|syslog)"
            r"(_chk)?(@.*)?$"
            r"|std::(__cxx11::)?basic_(o|i)?(f)stream|std::basic_(file|if|of|f)\w*"
            r"|std::filesystem::(?!__cxx11::path)|std::(cout|cerr|clog|cin)$"
            r"|BIO_new_(file|fp)|BIO_s_file|PEM_(read|write)_(?!bio)\w|xmlReadFile|xmlParseFile"
            r"|xmlSaveFile|xmlSaveFormatFile|xmlRelaxNGNewParserCtxt$|^mdb_",
    "random": r"std::random_device|^(getrandom|getentropy|rand|srand|random|srandom|drand48|lrand48"
              r"|arc4random\w*|rand_r)(@.*)?$|^RAND_(bytes|priv_bytes|poll|seed|add|status)"
              r"|osip_build_random_number",
}


def offences(symbols):
    """{symbol: what it would do} of undefined symbols that the core must not have."""
    found = {}
    for symbol in symbols:
        name = symbol.split("@")[0]
        for what, pattern in FORBIDDEN.items():
            if re.search(pattern, name):
                found[symbol] = what
    return found


def undefined_symbols(archive):
    """{symbol: object files} that an archive asks others for."""
    listing = subprocess.run(["nm", "-uC", archive], capture_output=True, text=True,
                             check=True).stdout
    found, member = {}, "?"
    for line in listing.splitlines():
        if line.endswith(".o:"):
            member = line[:-1]
        elif line.strip():
            found.setdefault(line.split(None, 1)[1].strip(), []).append(member)
    return found


def compile_archive(directory, code):
    """A static library of one C++ source."""
    source, object_file, archive = (os.path.join(directory, name)
                                    for name in ("planted.cpp", "planted.o", "libplanted.a"))
    with open(source, "w", encoding="ascii") as text:
        text.write(code)
    subprocess.run(["g++", "-std=c++20", "-O1", "-c", source, "-o", object_file], check=True)
    subprocess.run(["ar", "rc", archive, object_file], check=True)
    return archive


class Purity(unittest.TestCase):
    def test_the_core_asks_for_no_io(self):
        self.assertTrue(BUILD, "CARILLON_BUILD_DIR is not set")
        for layer in CORE:
            with self.subTest(layer=layer):
                archive = os.path.join(BUILD, "src", layer, f"libcarillon_{layer}.a")
                has_code = any(path.endswith(".cpp")
                               for path in sources(os.path.join(SOURCE, layer)))
                self.assertTrue(has_code, f"src/{layer} has no code")
                symbols = undefined_symbols(archive)
                self.assertGreater(len(symbols), 5, f"nm read nothing from {archive}")
                self.assertEqual([f"{what}: {symbol} in {', '.join(symbols[symbol])}"
                                  for symbol, what in offences(symbols).items()], [])

    def test_planted_examples_are_found(self):
        planted = {
            "clock": "#include <chrono>\nauto f() { return std::chrono::steady_clock::now(); }",
            "wall clock": "#include <ctime>\nauto f() { return std::time(nullptr); }",
            "socket": "#include <sys/socket.h>\nint f() { return socket(AF_INET, SOCK_DGRAM, 0); }",
            "thread": "#include <thread>\nvoid f() { std::thread([] {}).detach(); }",
            "mutex": "#include <mutex>\n#include <pthread.h>\npthread_mutex_t m;"
                     "int f() { return pthread_mutex_lock(&m); }",
            "file": "#include <fstream>\nbool f() { return std::ofstream(\"x\").good(); }",
            "descriptor": "#include <fcntl.h>\nint f() { return open(\"x\", O_RDONLY); }",
            "print": "#include <iostream>\nvoid f() { std::cerr << 1; }",
            "random": "#include <random>\nunsigned f() { return std::random_device{}(); }",
            "getrandom": "#include <sys/random.h>\nlong f(char* p) { return getrandom(p, 1, 0); }",
        }
        for name, code in planted.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as directory:
                archive = compile_archive(directory, code)
                self.assertNotEqual(offences(undefined_symbols(archive)), {})

    def test_innocent_code_passes(self):
        code = ("#include <map>\n#include <memory>\n#include <string>\n#include <stdexcept>\n"
                "std::shared_ptr<std::map<std::string, int>> f(std::string s) {\n"
                "  auto m = std::make_shared<std::map<std::string, int>>(); (*m)[s] = 1;\n"
                "  if (m->size() > 2) throw std::runtime_error(s); return m; }")
        with tempfile.TemporaryDirectory() as directory:
            archive = compile_archive(directory, code)
            self.assertEqual(offences(undefined_symbols(archive)), {})


if __name__ == "__main__":
    unittest.main()
