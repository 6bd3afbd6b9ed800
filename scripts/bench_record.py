"""What a recording costs: a line, a day, opening it, a seek, memory; and a recorder beside none. Run by scripts/bench."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.argv, words = sys.argv[:2], sys.argv[2:]
from bench import TICK, server

PROGRAM = os.path.abspath(sys.argv[1])
BENCH = os.path.abspath(words[0])
HOURS = int(words[1]) if len(words) > 1 else 24


def cpu(pid):
    """Seconds of a process so far."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def size(folder):
    return sum(os.path.getsize(path) for path in glob.glob(folder + "/*")) / 1e6


def run(words, seconds=30):
    """CPU of a headless watcher in ‰ of one core, and its resident MiB."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(3)
    before, start = cpu(process.pid), time.monotonic()
    time.sleep(seconds)
    used = (cpu(process.pid) - before) / (time.monotonic() - start) * 1000
    resident = int(next(line for line in open(f"/proc/{process.pid}/status") if line.startswith("VmRSS")).split()[1]) / 1024
    process.terminate()
    process.wait()
    return used, resident


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
            used, resident = run(command)
            print(f"{name:44}{used:.1f} ‰ of a core, {resident:.1f} MiB")
    finally:
        load.kill()
        load.wait()
        shutil.rmtree(folder, ignore_errors=True)
