"""Times the dashboard in a pty: a key to its frame, and what a poll costs, with many keys listed. Run by scripts/bench.

With --before another build of the program is timed beside it, screen by screen, so that a machine that drifts drifts
for both. A poll's CPU is that of the whole process, from the bytes of INFO to the bytes for the terminal.
"""

import argparse
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

SCREENS = {"1": "overview", "2": "namespaces", "4": "slow log", "5": "clients", "6": "commands", "7": "nodes", "8": "alerts"}


class Server:
    def __init__(self, keys):
        self.folder = tempfile.mkdtemp(prefix="cachewatch-bench-")
        self.socket = self.folder + "/redis.sock"
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--enable-debug-command", "yes", "--unixsocket", self.socket, "--save", "",
             "--dir", self.folder], stdout=subprocess.DEVNULL)
        while self.ask("PING") != "PONG":
            time.sleep(0.01)
        self.ask("DEBUG", "POPULATE", str(keys), "session:user")
        # A slow log that is full.
        self.ask("CONFIG", "SET", "slowlog-log-slower-than", "0")
        subprocess.run(["redis-cli", "-s", self.socket, "-r", "200", "GET", "session:user:1"], capture_output=True)
        self.ask("CONFIG", "SET", "slowlog-log-slower-than", "10000")

    def ask(self, *words):
        return subprocess.run(["redis-cli", "-s", self.socket, *words], capture_output=True, text=True).stdout.strip()

    def polls(self):
        line = next(line for line in self.ask("INFO", "commandstats").split() if line.startswith("cmdstat_dbsize:"))
        return int(line.split("calls=")[1].split(",")[0])

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Dashboard:
    """In a pty of 120 by 36, without a home and without estimates of its own."""

    def __init__(self, program, server):
        self.home = tempfile.mkdtemp(prefix="cachewatch-bench-")
        settings = self.home + "/settings.toml"
        with open(settings, "w") as file:
            file.write('[cachewatch]\ninterval = "1s"\nestimate_every = 0\n')
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", HOME=self.home, XDG_STATE_HOME=self.home)
            os.execv(program, [program, "--url", f"unix://{server.socket}", "--config", settings])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)
        self.server = server

    def read(self, seconds):
        data, deadline = b"", time.perf_counter() + seconds
        while (rest := deadline - time.perf_counter()) > 0:
            if select.select([self.fd], [], [], rest)[0]:
                try:
                    data += os.read(self.fd, 1 << 16)
                except OSError:  # the other side is gone
                    break
        return data

    def type(self, text, seconds=0.3):
        os.write(self.fd, text if isinstance(text, bytes) else text.encode())
        return self.read(seconds)

    def list_keys(self, wanted):
        """Goes to the end of the list until no more are listed."""
        self.type("3", 1)
        deadline, seen = time.perf_counter() + 120, b""
        while time.perf_counter() < deadline:
            seen += self.type("G", 0.1)
            if b"narrow it" in seen or b"keys, all" in seen:
                break
        self.type("g")

    def press(self, key):
        """Milliseconds from a key to the last byte of the frame that answers it: a frame may come in parts."""
        while select.select([self.fd], [], [], 0.02)[0]:
            os.read(self.fd, 1 << 16)
        start = end = time.perf_counter()
        os.write(self.fd, key)
        while select.select([self.fd], [], [], 2 if end == start else 0.004)[0]:
            os.read(self.fd, 1 << 16)
            end = time.perf_counter()
        return (end - start) * 1e3

    def cpu(self):
        """Milliseconds of all threads."""
        total = 0
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{thread}/schedstat") as file:
                total += int(file.read().split()[0])
        return total / 1e6

    def poll(self, seconds):
        """Milliseconds of CPU a poll."""
        self.read(0.5)
        polls, cpu = self.server.polls(), self.cpu()
        self.read(seconds)
        return (self.cpu() - cpu) / max(1, self.server.polls() - polls)

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        self.read(0.2)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        shutil.rmtree(self.home, ignore_errors=True)


def line(what, dashboards, keys, count, seconds):
    times = {name: [] for name in dashboards}
    for index in range(count):
        for name, dashboard in dashboards.items():
            times[name].append(dashboard.press(keys[index % len(keys)]))
    for name, dashboard in dashboards.items():
        t = sorted(times[name])
        print(f"{what:26} {name:7} {t[len(t) // 2]:9.2f} {t[len(t) * 99 // 100]:9.2f} {t[-1]:9.2f} "
              f"{dashboard.poll(seconds):13.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench dashboard", description=__doc__)
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("--before", help="another build of the program, timed beside this one")
    parser.add_argument("--keys", type=int, nargs="+", default=[10_000, 300_000], help="keys of the server")
    parser.add_argument("--presses", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=8, help="how long polls are looked at, for each line")
    arguments = parser.parse_args()
    programs = {"now": os.path.abspath(arguments.program)}
    if arguments.before:
        programs = {"before": os.path.abspath(arguments.before)} | programs
    for count in arguments.keys:
        server = Server(count)
        dashboards = {name: Dashboard(program, server) for name, program in programs.items()}
        try:
            for dashboard in dashboards.values():
                dashboard.read(1.5)
            print(f"{count:,} keys in the server{'':11}  key to frame ms: p50       p99       max    poll, CPU ms")
            for keys, name in SCREENS.items():
                for dashboard in dashboards.values():
                    dashboard.type(keys)
                line(name, dashboards, [b"?"], arguments.presses, arguments.seconds)
            for dashboard in dashboards.values():
                dashboard.list_keys(count)
            down = [b"\x1b[B", b"\x1b[B", b"\x1b[A"]
            line("keys, all that are listed", dashboards, down, arguments.presses, arguments.seconds)
            for dashboard in dashboards.values():
                dashboard.type("/")
                for letter in "user:1":
                    dashboard.type(letter, 0.1)
                dashboard.type("\r")
            line("keys, with a filter", dashboards, down, arguments.presses, arguments.seconds)
            for dashboard in dashboards.values():
                dashboard.type("1")
            line("overview, keys listed", dashboards, [b"?"], arguments.presses, arguments.seconds)
        finally:
            for dashboard in dashboards.values():
                dashboard.close()
            server.close()


if __name__ == "__main__":
    main()
