"""Thirty nodes polled every second, one of them hung, and a fail-over on the screen. Run by scripts/bench cluster."""

import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from bench import Dashboard, keys

NODES = 30
FAILOVERS = 5
FIRST_PORT = 22100
FIRST_SENTINEL = 22200


def start(folder, port, *more):
    home = f"{folder}/{port}"
    os.makedirs(home)
    words = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", home, *more]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL)


def cli(port, *words):
    return subprocess.run(["redis-cli", "-p", str(port), *words], capture_output=True, text=True).stdout


def until(what):
    while not what():
        time.sleep(0.05)


def cluster(folder):
    ports = [FIRST_PORT + index for index in range(NODES)]
    servers = [start(folder, port, "--cluster-enabled", "yes", "--cluster-node-timeout", "15000") for port in ports]
    try:
        for index, port in enumerate(ports):
            until(lambda: cli(port, "PING") == "PONG\n")
            cli(port, "CLUSTER", "SET-CONFIG-EPOCH", str(index + 1))
            first, last = 16384 * index // NODES, 16384 * (index + 1) // NODES - 1
            cli(port, "CLUSTER", "ADDSLOTSRANGE", str(first), str(last))
            cli(ports[0], "CLUSTER", "MEET", "127.0.0.1", str(port))
        for port in ports:
            until(lambda: "cluster_state:ok" in cli(port, "CLUSTER", "INFO") and f"cluster_known_nodes:{NODES}" in cli(port, "CLUSTER", "INFO"))
        dashboard = Dashboard(f"redis://127.0.0.1:{ports[0]}", "--cluster")
        dashboard.read(8)
        for screen in ("1", "7"):
            os.write(dashboard.fd, screen.encode())
            dashboard.read(3)
            before = dashboard.cpu()
            count = dashboard.read(30)
            share = (dashboard.cpu() - before) / 30 * 100
            print(f"{NODES} nodes a second, screen {screen}     cpu %    {share:7.2f}   (at most 5 of a core)")
            print(f"{'':32} bytes/s  {count / 30:7.0f}")
        print(f"{'':32} RSS MiB  {dashboard.resident():7.1f}")
        os.write(dashboard.fd, b"1")
        keys(dashboard, "key to frame, 30 nodes")
        servers[7].send_signal(signal.SIGSTOP)
        dashboard.read(4)
        keys(dashboard, "key to frame, one node hung")
        servers[7].send_signal(signal.SIGCONT)
        dashboard.close()
    finally:
        for server in servers:
            server.kill()
            server.wait()


def failover(folder, round):
    """Milliseconds from a sentinel's +switch-master to the new primary on the screen."""
    ports = [FIRST_PORT + 40 + 3 * round + index for index in range(2)]
    sentinels = [FIRST_SENTINEL + 3 * round + index for index in range(3)]
    children = [start(folder, ports[0]), start(folder, ports[1], "--replicaof", "127.0.0.1", str(ports[0]))]
    try:
        until(lambda: "slave0" in cli(ports[0], "INFO", "replication"))
        for port in sentinels:
            path = f"{folder}/sentinel-{port}.conf"
            with open(path, "w") as file:
                file.write(f"port {port}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor m 127.0.0.1 {ports[0]} 2\n")
                file.write("sentinel down-after-milliseconds m 700\nsentinel failover-timeout m 3000\n")
            children.append(subprocess.Popen(["redis-server", path, "--sentinel"], stdout=subprocess.DEVNULL))
        for port in sentinels:
            until(lambda: "num-other-sentinels\n2" in cli(port, "SENTINEL", "MASTER", "m"))
            until(lambda: "num-slaves\n1" in cli(port, "SENTINEL", "MASTER", "m"))
        dashboard = Dashboard(f"redis://127.0.0.1:{sentinels[0]}", "--sentinel", "m")
        dashboard.read(4)
        listener = subprocess.Popen(
            ["redis-cli", "-p", str(sentinels[0]), "SUBSCRIBE", "+switch-master"], stdout=subprocess.PIPE, text=True
        )
        heard = []

        def listen():
            for line in listener.stdout:
                if line.startswith("m 127"):
                    heard.append(time.perf_counter())
                    return

        thread = threading.Thread(target=listen)
        thread.start()
        children[0].kill()
        seen, text, wanted = None, b"", f":{ports[1]}".encode()
        deadline = time.perf_counter() + 60
        while seen is None and time.perf_counter() < deadline:
            if select.select([dashboard.fd], [], [], 0.5)[0]:
                text = text[-200:] + os.read(dashboard.fd, 1 << 16)
                # It is known as a replica before; as the primary it is in the header.
                if b"primary-changed" in text or (heard and wanted in text):
                    seen = time.perf_counter()
        thread.join(10)
        listener.kill()
        dashboard.close()
        return (seen - heard[0]) * 1e3
    finally:
        for child in children:
            child.kill()
            child.wait()


def main():
    folder = tempfile.mkdtemp(prefix="cachewatch-bench-")
    try:
        cluster(folder)
        times = sorted(failover(folder, round) for round in range(FAILOVERS))
        print(f"fail-over to screen              ms       {statistics.median(times):7.0f}   worst {times[-1]:.0f}   (at most 1000 after +switch-master)")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
