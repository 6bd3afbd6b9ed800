"""Times cachewatch's sweep of a keyspace beside redis-cli on a private redis-server. Run by scripts/bench sweep."""

import argparse
import json
import math
import os
import resource
import signal
import statistics
import sys
import tempfile
import time

from bench_peers import Child, emulate, link, probe, Server, TICK

MEMKEYS, EMULATED = "redis-cli --memkeys", "as redis-cli 8 --count 1000 (emulated in Python)"


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
