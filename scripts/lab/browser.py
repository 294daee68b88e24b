"""Headless Chromium as phones (tests/browser), with JsSIP or SIP.js in each page."""

import itertools
import json
import os
import queue
import subprocess
import tempfile
import threading

from lab.processes import REPOSITORY, LabError, start, stop

DRIVER = os.path.join(REPOSITORY, "tests", "browser", "driver.mjs")
PACKAGES = os.path.join(REPOSITORY, "scripts", "browser_packages.sh")
START_SECONDS, ANSWER_SECONDS = 60, 30


class Browser:
    """One Chromium with a page for each phone. Use it in a `with` statement."""

    def __init__(self, directory):
        packages = subprocess.run([PACKAGES], check=True, capture_output=True, text=True,
                                  timeout=120).stdout.strip()
        home = tempfile.mkdtemp(prefix="browser-", dir=directory)
        self.log_path = os.path.join(home, "log")
        log = open(self.log_path, "wb")
        # Chromium's own directories must not be those of whoever runs the test.
        self.process = start(["node", DRIVER, packages, os.path.join(home, "profile")],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                             env={**os.environ, "HOME": home})
        log.close()
        self.ids = itertools.count(1)
        self.answers = {0: queue.SimpleQueue()}
        threading.Thread(target=self._read, daemon=True).start()
        self._wait(0, START_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()  # Its sign to close Chromium.
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        stop(self.process, 1)
        self.process.stdout.close()

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as text:
            return text.read()

    def _read(self):
        for line in self.process.stdout:
            answer = json.loads(line)
            self.answers[answer.get("id", 0)].put(answer)

    def _wait(self, number, seconds):
        try:
            answer = self.answers[number].get(timeout=seconds)
        except queue.Empty:
            raise LabError(f"the browser did not answer: {self.log()[-2000:]}") from None
        if "error" in answer:
            raise LabError(f"{answer['error']}: {self.log()[-2000:]}")
        return answer.get("result")

    def begin(self, **command):
        """Sends a command; a function that waits for its result."""
        number = next(self.ids)
        self.answers[number] = queue.SimpleQueue()
        self.process.stdin.write(json.dumps({"id": number, **command}).encode() + b"\n")
        self.process.stdin.flush()
        return lambda seconds=ANSWER_SECONDS: self._wait(number, seconds)

    def phone(self, name, library, server, user, password, domain="example.org"):
        """A page that is this user's phone, at the WebSocket URL `server`."""
        self.begin(open=name, client=library, settings={
            "server": server, "uri": f"sip:{user}@{domain}", "user": user,
            "password": password})()
        return BrowserPhone(self, name)


class BrowserPhone:
    """window.phone of a page; see tests/browser."""

    def __init__(self, browser, name):
        self.browser, self.name = browser, name

    def begin(self, what, value=None):
        return self.browser.begin(**{"page": self.name, "do": what, "with": value})

    def do(self, what, value=None):
        return self.begin(what, value)()

    def close(self):
        """Closes the page without a word, as a user does."""
        self.browser.begin(close=self.name)()
