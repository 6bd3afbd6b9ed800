"""Times cachewatch and redis-cli side by side on a private redis-server. Run by scripts/bench."""

import contextlib
import fcntl
import os
import pty
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
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 and __name__ == "__main__" else 25
TICK = os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server():
    folder = tempfile.mkdtemp(prefix="cachewatch-bench-")
    socket = folder + "/redis.sock"
    process = subprocess.Popen(
        ["redis-server", "--port", "0", "--enable-debug-command", "yes", "--unixsocket", socket, "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    try:
        while subprocess.run(["redis-cli", "-s", socket, "PING"], capture_output=True).stdout != b"PONG\n":
            time.sleep(0.01)
        subprocess.run(
            ["redis-cli", "-s", socket, "DEBUG", "POPULATE", "100000", "product"], stdout=subprocess.DEVNULL, check=True
        )
        yield socket, process
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def whole_process(words):
    """Wall and CPU milliseconds of one run, and its peak resident MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    return wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_maxrss / 1024


def compare(name, ours, theirs):
    """Alternates both commands, so that a machine that drifts drifts for both."""
    pairs = [(whole_process(ours), whole_process(theirs)) for _ in range(ROUNDS)]
    for index, what in enumerate(["wall ms", "cpu ms"]):
        left = statistics.median(pair[0][index] for pair in pairs)
        right = statistics.median(pair[1][index] for pair in pairs)
        ratio = statistics.median(pair[0][index] / max(pair[1][index], 1e-3) for pair in pairs)
        print(f"{name:28} {what:8} {left:9.2f} {right:9.2f}   ratio {ratio:5.2f}")
    print(f"{name:28} {'peak MiB':8} {statistics.median(p[0][2] for p in pairs):9.2f}")


class Dashboard:
    """The dashboard in a pty of 120 by 36."""

    def __init__(self, url, *more):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", COLORTERM="truecolor")
            os.execv(PROGRAM, [PROGRAM, "--url", url, *more])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def read(self, seconds):
        """Bytes written within so many seconds."""
        count, deadline = 0, time.perf_counter() + seconds
        while (rest := deadline - time.perf_counter()) > 0:
            if select.select([self.fd], [], [], rest)[0]:
                try:
                    count += len(os.read(self.fd, 1 << 16))
                except OSError:  # the other side is gone
                    break
        return count

    def press(self, key):
        """Milliseconds from a key to the last byte of the frame that answers it: a frame may come in parts."""
        while select.select([self.fd], [], [], 0.02)[0]:
            os.read(self.fd, 1 << 16)
        start = end = time.perf_counter()
        os.write(self.fd, key)
        while select.select([self.fd], [], [], 5 if end == start else 0.01)[0]:
            os.read(self.fd, 1 << 16)
            end = time.perf_counter()
        return (end - start) * 1e3

    def cpu(self):
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def resident(self):
        with open(f"/proc/{self.pid}/status") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        self.read(0.2)
        os.waitpid(self.pid, 0)


def keys(dashboard, name):
    times = sorted(dashboard.press(key) for key in [b"4", b"1", b"8", b"1"] * 25)
    print(f"{name:28} {'ms':8} p50 {times[50]:6.2f}   p99 {times[98]:6.2f}   (at most 16)")


def main():
    with server() as (socket, process):
        url = f"unix://{socket}"
        print(f"{'':28} {'':8} {'ours':>9} {'theirs':>9}   {ROUNDS} rounds, medians")
        cli = ["redis-cli", "-s", socket]
        compare("--once json / INFO", [PROGRAM, "--url", url, "--once", "--format", "json"], cli + ["INFO"])
        dashboard = Dashboard(url)
        dashboard.read(5)
        before = dashboard.cpu()
        count = dashboard.read(30)
        share = (dashboard.cpu() - before) / 30 * 100
        print(f"{'dashboard, a poll a second':28} {'cpu %':8} {share:9.2f}             (at most 0.5 of a core)")
        print(f"{'':28} {'bytes/s':8} {count / 30:9.0f}             (at most 2048)")
        print(f"{'':28} {'RSS MiB':8} {dashboard.resident():9.1f}             (at most 20)")
        keys(dashboard, "key to frame")
        os.write(dashboard.fd, b"2S")
        keys(dashboard, "key to frame, sweeping")
        os.write(dashboard.fd, b"x1")
        process.send_signal(signal.SIGSTOP)
        dashboard.read(3)
        keys(dashboard, "key to frame, server hung")
        process.send_signal(signal.SIGCONT)
        dashboard.close()


if __name__ == "__main__":
    main()
