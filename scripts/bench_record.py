"""What a recording costs: a line, a day, opening it, a seek, memory; and a recorder beside none. Run by scripts/bench."""

import fcntl
import glob
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

sys.argv, words = sys.argv[:2], sys.argv[2:]
from bench import server

PROGRAM = os.path.abspath(sys.argv[1])
BENCH = os.path.abspath(words[0])
HOURS = int(words[1]) if len(words) > 1 else 24


def cpu(pid):
    """Seconds of all threads so far."""
    threads = (open(f"/proc/{pid}/task/{thread}/schedstat") for thread in os.listdir(f"/proc/{pid}/task"))
    return sum(int(file.read().split()[0]) for file in threads) / 1e9


def size(folder):
    return sum(os.path.getsize(path) for path in glob.glob(folder + "/*")) / 1e6


def resident(pid):
    """MiB."""
    return int(next(line for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS")).split()[1]) / 1024


def run(words, seconds=30):
    """CPU of a headless watcher in ‰ of one core, and its resident MiB."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(3)
    before, start = cpu(process.pid), time.monotonic()
    time.sleep(seconds)
    used = (cpu(process.pid) - before) / (time.monotonic() - start) * 1000
    memory = resident(process.pid)
    process.terminate()
    process.wait()
    return used, memory


class Screen:
    """The program in a pty of 120 by 36, without a home."""

    def __init__(self, words, home):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", HOME=home, XDG_STATE_HOME=home, TZ="UTC")
            os.execv(words[0], words)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def read(self, seconds):
        """When the last byte came, None where none did."""
        last, deadline = None, time.perf_counter() + seconds
        while (rest := deadline - time.perf_counter()) > 0:
            if select.select([self.fd], [], [], rest)[0]:
                try:
                    os.read(self.fd, 1 << 16)
                except OSError:  # the other side is gone
                    break
                last = time.perf_counter()
        return last

    def type(self, text, seconds):
        """Milliseconds until the last byte of what follows it."""
        start = time.perf_counter()
        os.write(self.fd, text.encode())
        last = self.read(seconds)
        return (last - start) * 1e3 if last else 0

    def seek(self, time_of_day):
        """Milliseconds from Enter until all that is drawn of another time is drawn."""
        self.type(f":at {time_of_day}", 0.2)
        return self.type("\r", 0.9)

    def cpu(self, seconds):
        """‰ of one core, once the first look at the keys is over."""
        self.read(12)
        before, start = cpu(self.pid), time.monotonic()
        self.read(seconds)
        return (cpu(self.pid) - before) / (time.monotonic() - start) * 1000

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        self.read(0.2)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


with server() as (socket, _):
    load = subprocess.Popen(
        ["redis-benchmark", "-s", socket, "-q", "-l", "-c", "20", "-r", "100000", "-t", "get,set,hset", "--threads", "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = tempfile.mkdtemp(prefix="cachewatch-record-")
    try:
        day = folder + "/day"
        subprocess.run([BENCH, "write", f"unix://{socket}", day, str(HOURS)], check=True)
        load.kill()
        print(f"{'a day of it, growing':44}{size(day) * 24 / HOURS:.0f} MB")
        start = time.perf_counter()
        subprocess.run(["gzip", *sorted(glob.glob(day + "/*"))[:-1]], check=True)
        print(f"{'an hour packed in':44}{(time.perf_counter() - start) / max(1, HOURS - 1):.2f} s")
        packed = sum(os.path.getsize(path) for path in glob.glob(day + "/*.gz")) / 1e6
        print(f"{'a day of it, packed':44}{packed * 24 / max(1, HOURS - 1):.0f} MB")
        subprocess.run([BENCH, "read", day], check=True)
        random.seed(1)
        screen = Screen([PROGRAM, "replay", day, "--at", "00:10"], folder)
        screen.read(2)
        hours = list(range(1, HOURS - 1)) or [0]
        far = [screen.seek(f"{random.choice(hours):02}:{random.randrange(60):02}:07") for _ in range(20)]
        near = [screen.seek(f"{hours[-1]:02}:{random.randrange(60):02}:07") for _ in range(20)][1:]
        for name, times in [("in any hour", far), ("in the same hour", near)]:
            print(f"{f'a seek on the screen, {name}':44}{statistics.median(times):.0f} ms, {max(times):.0f} at most")
        print(f"{'memory of a replay after these':44}{resident(screen.pid):.1f} MiB")
        screen.close()
        load = subprocess.Popen(
            ["redis-benchmark", "-s", socket, "-q", "-l", "-c", "20", "-r", "100000", "-t", "get", "--threads", "1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        url = ["--url", f"unix://{socket}"]
        lines = [
            ("--once --watch-for, 5 polls/s", [PROGRAM, "--once", "--quiet", "--watch-for", "60s", "--interval", "0.2", *url]),
            ("the same with --record", [PROGRAM, "--once", "--quiet", "--watch-for", "60s", "--interval", "0.2", "--record", folder + "/once", *url]),
            ("record, 1 poll/s", [PROGRAM, "record", folder + "/live", *url]),
        ]
        for name, command in lines:
            used, memory = run(command)
            print(f"{name:44}{used:.1f} ‰ of a core, {memory:.1f} MiB")
        settings = folder + "/settings.toml"
        with open(settings, "w") as file:
            file.write("[cachewatch]\nestimate_every = 0\n")
        for name, more in [
            ("the dashboard, 2 polls/s", []), ("the same with --record", ["--record", folder + "/shown"]),
            ("the same with --twin", ["--twin", folder + "/live@-10s"]),
        ]:
            screen = Screen([PROGRAM, "--config", settings, "--interval", "0.5", *url, *more], folder)
            print(f"{name:44}{screen.cpu(20):.1f} ‰ of a core, {resident(screen.pid):.1f} MiB")
            screen.close()
    finally:
        load.kill()
        load.wait()
        shutil.rmtree(folder, ignore_errors=True)
