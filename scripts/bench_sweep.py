"""Times cachewatch's sweep of a keyspace beside redis-cli on a private redis-server. Run by scripts/bench sweep."""

import argparse
import collections
import contextlib
import ctypes
import json
import math
import os
import random
import re
import resource
import signal
import socket
import statistics
import sys
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")
LIBC = ctypes.CDLL(None)
ONE_WAY = 0.010  # seconds that the link delays what it is given, each way
MEMKEYS, EMULATED = "redis-cli --memkeys", "as redis-cli 8 --count 1000 (emulated in Python)"
FILL = """
for i = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do
  local r, hex, key = i % 40, redis.sha1hex(i), 'foo:' .. i
  if r < 12 then key = 'product:' .. i
  elseif r < 22 then key = string.format('session:%s-%s-%s', hex:sub(1, 8), hex:sub(9, 12), hex:sub(13, 32))
  elseif r < 28 then key = 'cart:user:' .. i
  elseif r < 31 then key = string.format('rate:limit:ip:10.%d.%d', math.floor(i / 256), i % 256)
  elseif r < 33 then key = 'token:blacklist:' .. hex
  elseif r < 36 then key = 'api:cache:/v1/x?page=' .. i
  elseif r < 38 then key = 'ws:session:' .. i end
  redis.call('SET', key, string.rep('x', 60 + i * 31 % 141), 'PX', 14400000 + i * 7919 % 72000000)
  if i % 50 == 7 then redis.call('PERSIST', key) end
end"""


class Child:
    """A process of some words, or a function in a fork; it dies with this script, whatever ends it."""

    living = set()

    def __init__(self, job, keep=False):
        sys.stdout.flush()
        self.output = tempfile.TemporaryFile() if keep else open(os.devnull, "wb")
        self.status, self.start = None, time.perf_counter()
        self.pid = os.fork()
        if self.pid == 0:
            self.become(job)
        Child.living.add(self)

    def become(self, job):
        """What the fork does; it never returns."""
        try:
            LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
            for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
                signal.signal(number, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(self.output.fileno(), 1)
            if not callable(job):
                os.execvp(job[0], job)
            job()
            sys.stdout.flush()
            os._exit(0)
        except BaseException as error:
            os.write(2, f"{job if callable(job) else job[0]}: {error!r}\n".encode())
        os._exit(127)

    def ended(self, flags=os.WNOHANG):
        if self.status is None:
            pid, status, usage = os.wait4(self.pid, flags)
            if pid:
                self.wall = time.perf_counter() - self.start
                self.status = os.waitstatus_to_exitcode(status)
                self.cpu, self.peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
                Child.living.discard(self)
        return self.status is not None

    def wait(self):
        self.ended(0)
        return self

    def stop(self):
        with contextlib.suppress(ChildProcessError, ProcessLookupError):  # Ctrl-C came between its end and the note
            if not self.ended():
                os.kill(self.pid, signal.SIGKILL)
                self.wait()

    def text(self):
        self.output.seek(0)
        return self.output.read().decode()


class Server:
    """A redis-server on a Unix socket in a folder of its own."""

    def __init__(self, folder):
        self.path, self.keys = folder + "/redis.sock", 0
        words = ["redis-server", "--port", "0", "--enable-debug-command", "yes", "--unixsocket", self.path]
        self.process = Child(words + ["--save", "", "--dir", folder])
        while not os.path.exists(self.path) or self.ask("PING") != "PONG":
            if self.process.ended():
                sys.exit("redis-server did not start")
            time.sleep(0.01)

    def ask(self, *words):
        return Child(["redis-cli", "-s", self.path, *map(str, words)], keep=True).wait().text().strip()

    def fill(self, keys):
        """Adds keys until there are so many, and waits until the server has grown its tables."""
        for first in range(self.keys, keys, 20_000):
            if error := self.ask("EVAL", FILL, 0, first, min(first + 20_000, keys)):
                sys.exit(error)
        self.keys = max(self.keys, keys)
        self.ask("CONFIG", "SET", "hz", 500)
        while "rehashing" in self.ask("DEBUG", "HTSTATS", 0):
            time.sleep(0.5)
        self.ask("CONFIG", "SET", "hz", 10)
        if (found := int(self.ask("DBSIZE"))) != self.keys:
            sys.exit(f"{found} keys instead of {self.keys}")

    def cpu(self):
        """Seconds of CPU so far; the kernel counts them in hundredths."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def calls(self):
        """How often SCAN, TYPE and MEMORY USAGE were called so far."""
        stats = self.ask("INFO", "commandstats")
        found = [re.search(rf"cmdstat_{name}:calls=(\d+)", stats) for name in ["scan", "type", r"memory(?:\|usage)?"]]
        return [int(match[1]) if match else 0 for match in found]


def connect(address):
    """A connection to a path, or to a port of this machine."""
    peer = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    peer.connect(address if isinstance(address, str) else ("127.0.0.1", address))
    if peer.family == socket.AF_INET:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def lines(peer, count):
    """Exactly so many lines of replies; a SCAN says itself how many it has."""
    chunks, found = [], 0
    while count is None or found < count:
        chunk = peer.recv(1 << 20)
        if not chunk:
            raise EOFError("the server hung up")
        chunks.append(chunk)
        found += chunk.count(b"\n")
        if count is None and found >= 4:
            chunks = [b"".join(chunks)]
            count = 4 + 2 * int(chunks[0].split(b"\r\n", 4)[3][1:])
    return b"".join(chunks)


def emulate(address, full):
    """The round trips of a redis-cli 8 with a count of 1000: SCAN, and for memory TYPE and MEMORY USAGE of the batch."""
    peer, cursor, keys, total, largest, kinds = connect(address), b"0", 0, 0, 0, collections.Counter()
    while True:
        peer.sendall(b"*4\r\n$4\r\nSCAN\r\n$%d\r\n%s\r\n$5\r\nCOUNT\r\n$4\r\n1000\r\n" % (len(cursor), cursor))
        _, _, cursor, count, batch = lines(peer, None).split(b"\r\n", 4)
        count = int(count[1:])
        keys += count
        if full and count:  # every key follows its length, so that each request is a head before that
            batch, answers = b"\r\n" + batch[:-2], []
            for head in [b"\r\n*2\r\n$4\r\nTYPE\r\n$", b"\r\n*3\r\n$6\r\nMEMORY\r\n$5\r\nUSAGE\r\n$"]:
                peer.sendall(batch.replace(b"\r\n$", head)[2:] + b"\r\n")
                answers.append(lines(peer, count))
            kinds.update(answers[0].split())
            sizes = list(map(int, answers[1].replace(b":", b"").split()))
            total, largest = total + sum(sizes), max(largest, *sizes)
        if cursor == b"0":
            return print(json.dumps({"examined": keys, "bytes": total, "largest": largest, "types": len(kinds)}))


def relay(listener, path):
    """A link before a Unix socket: every chunk leaves when it is due, and delays none behind it."""
    import asyncio

    class End(asyncio.Protocol):
        def __init__(self, other=None):
            self.other, self.transport = other, None

        def connection_made(self, transport):
            self.transport = transport
            if not self.other:  # accepted: the other end is there long before the first chunk is due
                self.other = End(self)
                self.opening = asyncio.ensure_future(loop.create_unix_connection(lambda: self.other, path))

        def data_received(self, chunk):
            loop.call_later(ONE_WAY, lambda: self.other.transport.is_closing() or self.other.transport.write(chunk))

        def connection_lost(self, _):
            loop.call_later(ONE_WAY, lambda: self.other.transport.close())

    loop = asyncio.new_event_loop()
    loop.run_until_complete(loop.create_server(End, sock=listener))
    loop.run_forever()


@contextlib.contextmanager
def link(redis):
    """The port of a link to the server, and its round trip in seconds as measured."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Segments as on a wire: with the loopback's of 64 KiB a long request waits 40 ms for a delayed acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1448)
        process = Child(lambda: relay(listener, redis.path))
        port, times = listener.getsockname()[1], []
        try:
            with connect(port) as peer:
                for _ in range(21):
                    start = time.perf_counter()
                    peer.sendall(b"PING\r\n")
                    lines(peer, 1)
                    times.append(time.perf_counter() - start)
            yield port, statistics.median(times)
        finally:
            process.stop()


def probe(path, keys, seconds):
    """Prints p50, p99 and p99.9 in ms of 2000 GETs a second; one that was due while another hung waited as long."""
    with contextlib.suppress(OSError):  # the delay of the server is sought, not that of this process
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    peer, times, turn, begin = connect(path), [], 0, time.perf_counter()
    while turn < seconds * 2000:
        time.sleep(max(begin + turn / 2000 - time.perf_counter(), 0))
        key = b"product:%d" % (random.randrange(keys // 40) * 40 + random.randrange(12))
        start = time.perf_counter()
        peer.sendall(b"*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n" % (len(key), key))
        if peer.recv(4096)[:2] in (b"$-", b""):
            raise LookupError(key)
        now, turn = time.perf_counter(), turn + 1
        times.append(now - start)
        while (due := begin + turn / 2000) < now:
            times.append(now - due)
            turn += 1
    times.sort()
    print(json.dumps([times[int(len(times) * share)] * 1e3 for share in (0.5, 0.99, 0.999)]))


class Bench:
    def __init__(self, options, redis):
        self.options, self.redis, self.receipts = options, redis, []

    def ours(self, address, *words):
        url = f"unix://{address}" if isinstance(address, str) else f"redis://127.0.0.1:{address}/0"
        return [self.options.program, "--url", url, "--once", "--quiet", "--format", "json", *words]

    def engines(self, address, names, *words):
        words = ["--pace", "fast", *words, "--engine"]
        return {f"cachewatch --engine {name}": self.ours(address, *words, name) for name in names}

    def run(self, job):
        """One run to its end, with the server's CPU time over it."""
        before = self.redis.cpu()
        reports = callable(job) or job[0] == self.options.program
        run = Child(job, keep=reports).wait()
        run.server, run.report = self.redis.cpu() - before, json.loads(run.text() or "{}") if reports else {}
        if run.status not in (range(4) if run.report else [0]) or reports and not run.report:
            sys.exit(f"status {run.status}, {'a' if run.report else 'no'} report: {job}")  # 1 to 3 are the server's health
        found = run.report.get("namespaces") or run.report
        examined, complete = found.get("examined", self.redis.keys), found.get("complete", True)
        if not callable(job) and "--estimate" not in job and (examined < self.redis.keys or not complete):
            print(f"!! {examined:,} of {self.redis.keys:,} keys, complete {complete}, {found.get('refusal')}: {job}")
        return run

    def compare(self, title, jobs, promises, share="wall/server"):
        """Alternates the jobs, so that a machine that drifts drifts for all of them; a run in place of a job stands."""
        runs = {name: [] for name in jobs}
        for _ in range(self.options.rounds):
            for name, job in jobs.items():
                runs[name].append(job if isinstance(job, Child) else self.run(job))
        heads = "".join(f"{head:>24}" for head in [share, *promises.values()])
        print(f"\n{title:60} {'wall s':>8} {'cpu s':>7} {'server s':>8} {'MiB':>6}{heads}")
        for name, rounds in runs.items():
            columns = zip(*((r.wall, r.cpu, r.server, r.peak, r.wall / max(r.server, 1 / TICK)) for r in rounds))
            wall, cpu, busy, peak, ratio = map(statistics.median, columns)
            line = f"  {name:58} {wall:8.2f} {cpu:7.2f} {busy:8.2f} "
            if name.startswith("cachewatch"):
                ratios = [[b.wall / a.wall for a, b in zip(rounds, runs[peer])] for peer in promises]
                print(f"{line}{peak:6.1f}{ratio:24.2f}" + "".join(f"{statistics.median(r):22.2f} x" for r in ratios))
                self.receipts.append((f"{name}, {title}", rounds[-1]))
            else:
                print(f"{line}{'':6}{ratio:24.2f}")

    def full(self):
        self.redis.fill(self.options.keys)
        jobs = self.engines(self.redis.path, ["pipeline", "script"], "--sweep", "full")
        jobs[MEMKEYS] = ["redis-cli", "-s", self.redis.path, "--memkeys"]
        jobs[EMULATED] = lambda: emulate(self.redis.path, full=True)
        promises = {MEMKEYS: "--memkeys (>= 6)", EMULATED: "emulated (>= 1.3)"}
        self.compare(f"full sweep of {self.redis.keys:,} keys", jobs, promises, "wall/server (<= 1.3)")

    def slow(self):
        self.redis.fill(self.options.keys)
        with link(self.redis) as (port, trip):
            before, busy = self.redis.calls(), self.redis.cpu()
            memkeys = Child(["redis-cli", "-p", str(port), "--memkeys"])
            time.sleep(20)
            memkeys.stop()
            scans, types, sizes = (b - a for a, b in zip(before, self.redis.calls()))
            scale = self.redis.keys / max(sizes, 1)
            memkeys.wall, memkeys.cpu = memkeys.wall * scale, memkeys.cpu * scale
            memkeys.server = (self.redis.cpu() - busy) * scale
            name = f"{MEMKEYS} (extrapolated)"
            jobs = self.engines(port, ["auto", "pipeline", "script"], "--sweep", "full")
            jobs |= {name: memkeys, EMULATED: lambda: emulate(port, full=True)}
            promises = {name: "extrapolated (>= 200)", EMULATED: "emulated (>= 2.5)"}
            self.compare(f"full sweep of {self.redis.keys:,} keys, link of {trip * 1e3:.1f} ms", jobs, promises)
            print(f"  {name}: from 20 s with {scans:,} SCAN, {types:,} TYPE, {sizes:,} MEMORY USAGE")

    def counts(self, keys=None):
        self.redis.fill(keys or self.options.keys * 4)
        scan = "redis-cli --scan > /dev/null"
        jobs = self.engines(self.redis.path, ["auto", "pipeline", "script"], "--sweep", "counts")
        jobs[scan] = ["redis-cli", "-s", self.redis.path, "--scan"]
        jobs[EMULATED] = lambda: emulate(self.redis.path, full=False)
        promises = {scan: "--scan (>= 8)", EMULATED: "emulated (about 1)"}
        self.compare(f"counting sweep of {self.redis.keys:,} keys", jobs, promises, "wall/server (<= 1.15)")

    def estimate(self):
        """What an estimate adds to the same command without one."""
        self.redis.fill(self.options.keys * 4)
        print(f"\nfirst shares of the namespaces, sample of 5,000 of {self.redis.keys:,} keys; medians")
        with link(self.redis) as (port, trip):
            for name, address, trip in [("directly", self.redis.path, 0), (f"link of {trip * 1e3:.1f} ms", port, trip)]:
                plain, drawn = self.ours(address), self.ours(address, "--estimate", "--sample", "5000")
                pairs = [(self.run(plain), self.run(drawn)) for _ in range(max(self.options.rounds, 9))]
                self.receipts.append((f"cachewatch --estimate, {name}", pairs[-1][1]))
                more = statistics.median(b.wall - a.wall for a, b in pairs) * 1e3
                whole = statistics.median(b.wall for _, b in pairs) * 1e3
                bound = 2e3 * trip + 150
                print(f"  {name:60} {more:8.1f} ms more, {whole:.1f} ms in all  (at most {bound:.0f} ms more)")

    def latency(self):
        """The p99 of another client's GET while something walks the keyspace, again and again."""
        self.redis.fill(self.options.keys * 4)
        path = self.redis.path
        cases = {"quiet": None, MEMKEYS: ["redis-cli", "-s", path, "--memkeys"]} | {
            f"cachewatch --sweep {kind} --pace {pace}": self.ours(path, "--sweep", kind, "--pace", pace)
            for pace in ["gentle", "fast"]
            for kind in ["full", "counts"]
        }
        seen = {name: [] for name in cases}
        for _ in range(self.options.rounds):
            for name, words in cases.items():
                seen[name].append(self.watch(words))
        print(f"\n{'another client: GET, ms':62} {'p50':>8} {'p99':>7} {'p99.9':>7} {'p99/quiet':>11} {'walks':>9}")
        for name, rounds in seen.items():
            p50, p99, p999, walks = (statistics.median(column) for column in zip(*rounds))
            ratio = statistics.median(a[1] / b[1] for a, b in zip(rounds, seen["quiet"]))
            note = f"  (at most 2, and less than {MEMKEYS})" if "gentle" in name else ""
            print(f"  {name:60} {p50:8.3f} {p99:7.3f} {p999:7.3f} {ratio:11.2f} {walks:9.0f}{note}")

    def watch(self, words, seconds=5):
        """What the probe sees for so long, and how many walks that needed."""
        walk, walks = words and Child(words), 1 if words else 0
        time.sleep(0.3)
        prober = Child(lambda: probe(self.redis.path, self.redis.keys, seconds), keep=True)
        while not prober.ended():
            if walk and walk.ended():
                if walk.status not in range(4):
                    sys.exit(f"status {walk.status}: {words}")
                walk, walks = Child(words), walks + 1
            time.sleep(0.005)
        if walk:
            walk.stop()
        return *json.loads(prober.text()), walks

    def report(self):
        print(f"\n{'receipts, of the last round':92} {'commands':>9} {'server ms':>9} {'measured':>8} {'stall ms':>8} errors")
        for name, run in self.receipts:
            receipt = run.report.get("receipt") or {}
            took, stall = ((receipt.get(name) or math.nan) / 1e3 for name in ["server_us", "largest_stall_us"])
            figures = f"{receipt.get('commands', 0):9,} {took:9.1f} {run.server * 1e3:8.0f} {stall:8.2f}"
            print(f"  {name:90} {figures} {receipt.get('errors', 0):6}")
        peak = max((run.peak for _, run in self.receipts), default=0)
        floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  peak resident: {peak:.1f} MiB (at most 40; less than this script's own {floor:.1f} cannot be seen)")


def main():
    names = ["full", "slow", "counts", "estimate", "latency"]
    parser = argparse.ArgumentParser(prog="scripts/bench sweep", description=__doc__)
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--keys", type=int, default=500_000, help="of a full sweep; the others have four times as many")
    parser.add_argument("--keys-large", type=int, help="counts once more with so many, as in 10000000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=names, action="append", help="this part; may be given more than once")
    options = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    for number in [signal.SIGTERM, signal.SIGHUP]:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="cachewatch-bench-") as folder:
        try:
            redis = Server(folder)
            bench = Bench(options, redis)
            print(f"{redis.ask('--version')}, {os.cpu_count()} cores, {options.rounds} rounds, medians")
            for name in names:
                if name in (options.only or names):
                    getattr(bench, name)()
            if options.keys_large:
                bench.counts(options.keys_large)
            bench.report()
        except KeyboardInterrupt:
            sys.exit(130)
        finally:
            for child in list(Child.living):
                child.stop()


main()
