"""Times the pool of CacheCore beside its peers, on one private redis-server. Run by scripts/bench servers.

Arguments: the program `servers`, the folder of redis-py's Python, and how many rounds.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from bench_peers import Child, Server

PROGRAM, PYTHON = os.path.abspath(sys.argv[1]), sys.argv[2]
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 3
SECONDS = 3

# 64 threads on redis-py's own pool of 20 connections; each one call after the other.
REDIS_PY = """
import random, sys, threading, time, redis
pool = redis.BlockingConnectionPool.from_url("unix://" + sys.argv[1], max_connections=20)
client, end, counts = redis.Redis(connection_pool=pool), time.time() + float(sys.argv[2]), []
def work():
    count = 0
    while time.time() < end:
        client.get("key:%d" % random.randrange(100000))
        count += 1
    counts.append(count)
threads = [threading.Thread(target=work) for _ in range(64)]
[one.start() for one in threads]
[one.join() for one in threads]
print(sum(counts) / float(sys.argv[2]))
"""


def ours(server, what, callers, size=20, seconds=SECONDS, loops=1, url=None):
    words = [PROGRAM, url or f"unix://{server.path}", what, str(callers), str(size), str(seconds), str(loops)]
    return json.loads(Child(words, keep=True).wait().text())


def benchmark(server, *more):
    """Calls a second of redis-benchmark's GET over 100,000 keys."""
    words = ["redis-benchmark", "-s", server.path, "-c", "20", "-t", "get", "-r", "100000", "-q", "--csv", *more]
    text = Child(words, keep=True).wait().text()
    return float(re.search(r'"GET","([0-9.]+)"', text)[1])


def median(values):
    return sorted(values)[len(values) // 2]


def line(what, goal, value, is_met):
    print(f"{what:58} {goal:24} {value:30} {'yes' if is_met else 'NO'}", flush=True)


def throughput(server, loop):
    gets, many, peers, python, pipes, own = [], [], [], [], [], []
    for _ in range(ROUNDS):  # in turn, so that a machine that drifts drifts for all
        gets.append(ours(server, "get", 64))
        many.append(ours(server, "get", 64, loops=2))
        peers.append((benchmark(server, "-n", "300000"), benchmark(server, "-n", "3000000", "-P", "16")))
        python.append(float(Child([PYTHON, "-c", REDIS_PY, server.path, str(SECONDS)], keep=True).wait().text() or 0))
        pipes.append(ours(server, "pipeline", 20))
        own.append(float(Child([loop, server.path, str(SECONDS), "16"], keep=True).wait().text()))
    rate, rate2 = median([one["rate"] for one in gets]), median([one["rate"] for one in many])
    plain, piped = median([one[0] for one in peers]), median([one[1] for one in peers])
    print(f"GET, 64 callers: {rate:,.0f}/s on {gets[0]['connections']} connections, p50 {gets[0]['p50']:.0f} µs, "
          f"p99 {gets[0]['p99']:.0f} µs; two event loops {rate2:,.0f}/s")
    line("GET by 64 callers, 20 connections", "≥ 0.5 × redis-benchmark", f"{rate / plain:.2f} × {plain:,.0f}/s", rate >= 0.5 * plain)
    if median(python):
        line("", "≥ 5 × redis-py", f"{rate / median(python):.1f} × {median(python):,.0f}/s", rate >= 5 * median(python))
    pipe = median([one["rate"] for one in pipes])
    line("pipelines of 16", "≥ 0.5 × -P 16", f"{pipe:,.0f}/s, {pipe / piped:.2f} × {piped:,.0f}/s", pipe >= 0.5 * piped)
    line("", "≥ hiredis' own loop", f"{pipe / median(own):.2f} × {median(own):,.0f}/s", pipe >= median(own))


def outages(server):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    away = ours(server, "outage", 1, url=f"redis://127.0.0.1:{port}")
    line("call in an outage, p99", "≤ 20 µs", f"{away['p99']:.1f} µs of {away['failures']:,} calls", away["p99"] <= 20)
    timer = threading.Timer(1, lambda: os.kill(server.process.pid, signal.SIGSTOP))
    timer.start()
    hung = ours(server, "hung", 64)
    os.kill(server.process.pid, signal.SIGCONT)
    line("hung server, longest call", "≤ 260 ms", f"{hung['longest'] / 1e3:.1f} ms", hung["longest"] <= 260e3)


def stores(server):
    checks, gets = [], []
    for _ in range(ROUNDS):
        gets.append(ours(server, "get", 20)["p99"])
        checks.append(ours(server, "check", 20)["p99"])
    line("revocation check, 20 callers, p99", "≤ 1.5 × GET", f"{median(checks):.0f} µs, {median(checks) / median(gets):.2f} × {median(gets):.0f}",
         median(checks) <= 1.5 * median(gets))
    load = ours(server, "load", 10000)
    line("one missing key, 10,000 callers", "1 load", f"{load['loads']}, {load['failures']} failed", load["loads"] == 1 and not load["failures"])


def killed(server):
    """Its server is killed after two seconds and started again after four."""
    result = {}
    # A child ends with the thread that has begun it: the server's is this one.
    thread = threading.Thread(target=lambda: result.update(ours(server, "killed", 64, seconds=14)))
    thread.start()
    time.sleep(2)
    server.process.stop()
    os.unlink(server.path)
    time.sleep(2)
    server.process = Child(["redis-server", "--port", "0", "--unixsocket", server.path, "--save", "", "--dir",
                            os.path.dirname(server.path)])
    while not os.path.exists(server.path):
        time.sleep(0.001)
    started = time.time()
    thread.join()
    line("killed under load, calls that failed", "0", f"{result['failures']} of {result['calls']:,}", not result["failures"])
    back = result["resumed"] - started
    line("hits after the restart", "≤ 6 s", f"{back:.2f} s (none for {result['gap']:.2f} s)", back <= 6 and result["gap"] >= 2)
    print(f"longest call while it was killed and came back: {result['longest'] / 1e3:.0f} ms")


def main():
    with tempfile.TemporaryDirectory(prefix="cachewatch-bench-") as folder:
        loop = folder + "/loop"
        subprocess.run(["cc", "-O2", "-o", loop, "Tests/BenchServers/loop.c", "-lhiredis"], check=True)
        server = Server(folder)
        try:
            server.ask("EVAL", "for i = 0, 99999 do redis.call('SET', 'key:' .. i, string.rep('x', 100)) end", 0)
            # redis-benchmark's keys are key:000000000000 and on.
            server.ask("EVAL", "for i = 0, 99999 do redis.call('SET', string.format('key:%012d', i), string.rep('x', 100)) end", 0)
            throughput(server, loop)
            stores(server)
            outages(server)
            killed(server)
        finally:
            for child in list(Child.living):
                child.stop()


if __name__ == "__main__":
    main()
