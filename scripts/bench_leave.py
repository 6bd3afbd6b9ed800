"""Leaves many dashboards at random moments and in every way, and times the way back to the shell. Run by scripts/bench.

Each is ended by SIGTERM, SIGINT, SIGHUP, q or the end of its terminal, at a random moment between its first millisecond
and a flush with a stopped server; some terminals are not read meanwhile. Prints the longest times, and every run that
left something behind: its process, a server, a folder, modes of the terminal, or its screen.
"""

import argparse
import contextlib
import fcntl
import os
import pty
import random
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

PROGRAM = os.path.abspath(sys.argv[1])
LIMIT = 0.1
WAYS = ["SIGTERM", "SIGINT", "SIGHUP", "q", "closed"]
MOMENTS = {
    "start": "within 60 ms of the first instruction",
    "demo": "the same of the demo, whose server and folder have to go, too",
    "watching": "while it polls",
    "hung": "while a poll waits for a stopped server, with a deadline of 20 s",
    "stalled": "while nobody reads the terminal",
    "flush": "during a flush",
    "hung flush": "during a flush whose server is stopped",
    "stalled flush": "the same, while nobody reads the terminal",
}


class Server:
    def __init__(self, keys):
        self.folder = tempfile.mkdtemp(prefix="cachewatch-leave-")
        self.socket = self.folder + "/redis.sock"
        self.keys = keys
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--enable-debug-command", "yes", "--unixsocket", self.socket, "--save", "",
             "--dir", self.folder], stdout=subprocess.DEVNULL)
        while self.ask("PING") != "PONG":
            time.sleep(0.01)
        self.fill()

    def ask(self, *words):
        return subprocess.run(["redis-cli", "-s", self.socket, *words], capture_output=True, text=True).stdout.strip()

    def fill(self):
        self.ask("DEBUG", "POPULATE", str(self.keys), "session")

    def signal(self, number):
        self.process.send_signal(number)

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Run:
    """One dashboard in a terminal of its own, whose other side stays open here to look at its modes."""

    def __init__(self, words, folder):
        self.folder = tempfile.mkdtemp(dir=folder)
        config = self.folder + "/config.toml"
        with open(config, "w") as file:
            file.write('[cachewatch]\ntimeout = "20s"\ninterval = "0.2s"\n')
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        self.before = termios.tcgetattr(self.theirs)
        # Since something was waited for, and since the beginning.
        self.output = self.everything = b""
        self.temporary = self.folder + "/tmp"
        os.mkdir(self.temporary)
        environment = {key: value for key, value in os.environ.items() if key not in ("REDIS_URL", "REDIS_PASSWORD")}
        environment.update(
            TERM="xterm-256color", LC_ALL="C.UTF-8", HOME=self.folder, XDG_STATE_HOME=self.folder + "/state",
            XDG_CACHE_HOME=os.path.dirname(self.folder) + "/cache", XDG_CONFIG_HOME=self.folder, TMPDIR=self.temporary)
        arguments = [PROGRAM, *words]
        if words[:1] != ["demo"]:
            arguments += ["--config", config]
        ends, told = os.pipe()
        self.shell = os.fork()
        if self.shell == 0:
            try:
                self.be_the_shell(arguments, environment, told)
            finally:
                os._exit(1)
        os.close(told)
        self.ends = os.fdopen(ends, "rb", buffering=0)
        self.pid = int.from_bytes(self.ends.read(8), "little")

    def be_the_shell(self, arguments, environment, told):
        """Has the terminal, gives it to the program, and tells when that has ended: its end alone hangs up nothing."""
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.setsid()
        fcntl.ioctl(self.theirs, termios.TIOCSCTTY, 0)
        os.close(self.ours)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
        pid = os.fork()
        # As shells do, whose terminal is gone.
        signal.signal(signal.SIGHUP, lambda *_: os.kill(pid, signal.SIGHUP))
        if pid == 0:
            os.setpgid(0, 0)
            with contextlib.suppress(OSError):  # closed by now
                os.tcsetpgrp(self.theirs, os.getpid())
            # As for whatever a shell starts in front; in the background SIGINT would be ignored.
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTTOU):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGHUP])
            for descriptor in range(3):
                os.dup2(self.theirs, descriptor)
            os.write(told, os.getpid().to_bytes(8, "little"))
            os.closerange(3, 256)
            os.execve(PROGRAM, arguments, environment)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGHUP])
        _, status = os.waitpid(pid, 0)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        now = time.monotonic_ns()
        os.write(told, now.to_bytes(8, "little") + status.to_bytes(8, "little"))
        # Until somebody has looked at the terminal.
        while True:
            signal.pause()

    def read(self, seconds, until=None):
        """Reads for so long, or until a text is there."""
        end = time.monotonic() + seconds
        while select.select([self.ours], [], [], max(0, end - time.monotonic()))[0]:
            try:
                part = os.read(self.ours, 1 << 16)
            except OSError:
                return False
            self.output += part
            self.everything += part
            if until is not None and until in self.output.decode("utf-8", "replace"):
                return True
            if time.monotonic() >= end:
                break
        return until is None

    def expect(self, text, seconds=20):
        """Waits for a text; Ctrl-L has it written in one piece, whatever was on the screen before."""
        self.output = b""
        for _ in range(int(seconds / 0.3)):
            if self.read(0.3, text):
                return
            self.type("\x0c")
        raise RuntimeError(f"{text!r} did not come: {self.output[-300:]!r}")

    def type(self, text):
        os.write(self.ours, text.encode())

    def begin_flush(self):
        # What comes together with its Enter would be a paste, which confirms nothing.
        self.type(":flush session")
        self.expect("flush session")
        self.read(0.06)
        self.type("\r")
        self.expect("Type session")
        self.type("session")
        self.expect("Enter removes")
        self.read(0.06)
        self.type("\r")
        self.expect(" removed, ")

    def leave(self, way, is_read):
        """Seconds until the process is gone; None where it is not within ten of them."""
        start = time.monotonic_ns()
        if way == "q":
            # Ctrl-C is a key, too, and works in dialogs, where q is a letter.
            self.type("\x03")
        elif way == "closed":
            os.close(self.ours)
        else:
            os.kill(self.pid, getattr(signal, way))
        reading = [self.ends] + ([self.ours] if is_read and way != "closed" else [])
        deadline = time.monotonic() + 10
        while (rest := deadline - time.monotonic()) > 0:
            ready = select.select(reading, [], [], rest)[0]
            if self.ends in ready:
                end = int.from_bytes(self.ends.read(8), "little")
                self.status = int.from_bytes(self.ends.read(8), "little")
                return (end - start) / 1e9
            self.read(0)
        os.kill(self.pid, signal.SIGKILL)
        return None

    def faults(self, way, moment):
        """What it has left behind."""
        found = []
        if way != "closed":
            if termios.tcgetattr(self.theirs) != self.before:
                found.append("the terminal's modes are others")
            self.read(0.2)
            if self.everything.rfind(b"\x1b[?1049h") > self.everything.rfind(b"\x1b[?1049l"):
                found.append("the screen was not left")
            os.close(self.ours)
        os.close(self.theirs)
        os.kill(self.shell, signal.SIGKILL)
        os.waitpid(self.shell, 0)
        end = time.monotonic() + 5
        while (left := self.leftovers()) and time.monotonic() < end:
            time.sleep(0.01)
        if moment.endswith("flush") and way != "closed" and os.waitstatus_to_exitcode(self.status) not in (5, 1):
            found.append(f"a flush was stopped, and the status is {os.waitstatus_to_exitcode(self.status)}")
        if moment.endswith("flush") and way != "closed" and b"journal" not in self.everything:
            found.append("nobody was told of the journal")
        return found + left

    def leftovers(self):
        left = ["a file: " + name for name in os.listdir(self.temporary)]
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                # Servers write over their environment.
                for about in ("environ", "cmdline"):
                    with open(f"/proc/{pid}/{about}", "rb") as file:
                        if self.temporary.encode() in file.read():
                            left.append(f"a process: {pid}")
            except OSError:
                pass
        return left


def run(moment, way, server, folder, generator):
    words = ["demo"] if moment == "demo" else ["--url", f"unix://{server.socket}"]
    run = Run(words, folder)
    is_read = True
    try:
        if moment in ("start", "demo"):
            # A little of it is before the program has begun.
            run.read(generator.uniform(0, 0.06))
        else:
            run.expect("healthy")
            run.read(generator.uniform(0, 0.5))
            if moment.endswith("flush"):
                run.begin_flush()
            if moment.startswith("stalled"):
                # Ctrl-L draws everything anew: until the terminal takes no more.
                end = time.monotonic() + 0.5
                while time.monotonic() < end:
                    run.type("\x0c")
                    time.sleep(0.002)
                is_read = False
            if moment in ("hung", "hung flush", "stalled flush"):
                server.signal(signal.SIGSTOP)
            time.sleep(generator.uniform(0, 0.3))
        took = run.leave(way, is_read)
        return took, ["it is still there after 10 s"] if took is None else run.faults(way, moment)
    finally:
        server.signal(signal.SIGCONT)
        if moment.endswith("flush"):
            server.fill()
        shutil.rmtree(run.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench leave", description=__doc__)
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--moment", choices=MOMENTS, action="append", help="only these")
    options = parser.parse_args()
    generator = random.Random(options.seed)
    moments = options.moment or list(MOMENTS)
    server = Server(60_000)
    folder = tempfile.mkdtemp(prefix="cachewatch-leave-")
    times, faults = {}, []
    try:
        for number in range(options.runs):
            moment, way = moments[number % len(moments)], generator.choice(WAYS)
            took, found = run(moment, way, server, folder, generator)
            times.setdefault(moment, []).append((took if took is not None else 10, way))
            faults += [f"run {number}, {moment}, {way}: {fault}" for fault in found]
            if took is not None and took > LIMIT:
                faults.append(f"run {number}, {moment}, {way}: took {took * 1e3:.0f} ms")
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{'left':16} {'runs':>5} {'median ms':>10} {'longest ms':>11}  by")
    for moment, all_of_it in times.items():
        longest, way = max(all_of_it)
        median = statistics.median(took for took, _ in all_of_it)
        print(f"{moment:16} {len(all_of_it):5} {median * 1e3:10.1f} {longest * 1e3:11.1f}  {way}, {MOMENTS[moment]}")
    longest = max(took for each in times.values() for took, _ in each)
    print(f"{'all':16} {options.runs:5} {'':10} {longest * 1e3:11.1f}  (at most 100)")
    print("\n".join(faults) or "nothing was left behind")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
