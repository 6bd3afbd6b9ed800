"""Times cachewatch's flush, undo and revoke beside redis-cli on a private redis-server. Run by scripts/bench act."""

import argparse
import contextlib
import glob
import json
import os
import signal
import statistics
import sys
import tempfile
import time

from bench_peers import Child, Server, link, probe

FILL = """
for i = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do
  redis.call('SET', ARGV[3] .. i, string.rep('x', 60 + i * 31 % 141), 'PX', 14400000 + i * 7919 % 72000000)
end"""


class Bench:
    def __init__(self, options, redis, folder):
        self.options, self.redis, self.folder = options, redis, folder
        os.environ["XDG_STATE_HOME"] = folder + "/state"

    def ours(self, *words):
        return [self.options.program, *words, "--url", f"unix://{self.redis.path}"]

    def fill(self, prefix, count):
        """What is there already stays."""
        for first in range(0, count, 20_000):
            last = min(first + 20_000, count)
            if error := self.redis.ask("EVAL", FILL, 0, first, last, prefix):
                sys.exit(error)

    def prepare(self, sessions=None):
        """Every run begins with the same keys in tables that do not grow or shrink any more."""
        half = self.options.keys // 2
        self.fill("product:", half)
        self.fill("session:", sessions or half)
        self.redis.keys = half + (sessions or half)
        self.redis.fill(self.redis.keys)

    def run(self, words, left):
        before = self.redis.cpu()
        run = Child(words, keep=True).wait()
        run.server = self.redis.cpu() - before
        if run.status or int(self.redis.ask("DBSIZE")) != left:
            sys.exit(f"status {run.status}, {self.redis.ask('DBSIZE')} keys and not {left}: {words}")
        return run

    def flush(self):
        keys, path, half = self.options.keys, self.redis.path, self.options.keys // 2
        peer = f"redis-cli -s {path} --scan --pattern 'session:*' | xargs redis-cli -s {path} unlink"
        dump = f"{self.folder}/dump.rdb"
        names = {
            "none": "cachewatch flush --no-journal --pace fast",
            "peer": "redis-cli --scan --pattern | xargs redis-cli unlink",
            "journal": "cachewatch flush --pace fast, counted and journalled",
            "dump": "redis-cli --rdb, then as above without a journal",
            "undo": "cachewatch undo",
            "dry": "cachewatch flush --dry-run --pace fast",
        }
        quick = self.ours("flush", "session", "--yes", "--no-journal", "--pace", "fast")
        rounds = {name: [] for name in names}
        for _ in range(self.options.rounds):
            self.prepare()
            rounds["none"].append(self.run(quick, half))
            self.prepare()
            rounds["peer"].append(self.run(["sh", "-c", peer], half))
            self.prepare()
            dry = self.ours("flush", "session", "--dry-run", "--pace", "fast")
            rounds["dry"].append(self.run(dry, keys))
            shell = " ".join(quick)
            rounds["dump"].append(self.run(["sh", "-c", f"redis-cli -s {path} --rdb {dump} && {shell}"], half))
            os.unlink(dump)
            self.prepare()
            rounds["journal"].append(self.run(self.ours("flush", "session", "--yes", "--pace", "fast"), half))
            journal = glob.glob(self.folder + "/state/cachewatch/journals/*")[0]
            size = os.path.getsize(journal)
            rounds["undo"].append(self.run(self.ours("undo", journal, "--pace", "fast"), keys))
            os.unlink(journal)
        print(f"\n{f'{half:,} of {keys:,} keys':58} {'wall s':>8} {'cpu s':>7} {'server s':>8} {'MiB':>6} {'keys/s':>9}")
        for name, words in names.items():
            columns = zip(*((r.wall, r.cpu, r.server, r.peak) for r in rounds[name]))
            wall, cpu, busy, peak = map(statistics.median, columns)
            print(f"  {words:56} {wall:8.2f} {cpu:7.2f} {busy:8.2f} {peak:6.1f} {half / wall:9,.0f}")
        ratio = lambda a, b: statistics.median(y.wall / x.wall for x, y in zip(rounds[a], rounds[b]))
        print(f"  without a journal, against xargs: {ratio('none', 'peer'):.2f} x (at least 5)")
        print(f"  with it, against --rdb and flush: {ratio('journal', 'dump'):.2f} x in keys/s (at least 0.5)")
        print(f"  the journal: {size / 2**20:.1f} MiB, {size / half:.0f} bytes a key")

    def latency(self, seconds=5):
        """The p99 of another client's GET while a flush or its peer removes keys."""
        keys = self.options.keys // 2 + self.options.keys // 8
        path = self.redis.path
        peer = f"redis-cli -s {path} --scan --pattern 'session:*' | xargs redis-cli -s {path} unlink"
        cases = {
            "quiet": None,
            "redis-cli --scan | xargs redis-cli unlink": ["timeout", str(seconds + 1), "sh", "-c", peer],
            "cachewatch flush --dry-run, gentle": self.ours("flush", "session", "--dry-run"),
            "cachewatch flush, journalled, gentle": self.ours("flush", "session", "--yes"),
            "cachewatch flush, journalled, fast": self.ours("flush", "session", "--yes", "--pace", "fast"),
        }
        seen = {name: [] for name in cases}
        self.redis.ask("FLUSHALL")
        for _ in range(self.options.rounds):
            for name, words in cases.items():
                self.prepare(self.options.keys // 8)
                walk = words and Child(words, keep=True)
                while walk and "--dry-run" not in words and int(self.redis.ask("DBSIZE")) >= keys:
                    time.sleep(0.05)
                time.sleep(0.1)
                prober = Child(lambda: self.probe(seconds), keep=True)
                prober.wait()
                if walk:
                    if not walk.ended() and words[0] != "timeout":
                        os.kill(walk.pid, signal.SIGINT)
                    walk.wait()
                seen[name].append(json.loads(prober.text()))
        print(f"\n{'another client: GET, ms':58} {'p50':>8} {'p99':>7} {'p99.9':>7} {'p99/quiet':>11}")
        for name, rounds in seen.items():
            p50, p99, p999 = (statistics.median(column) for column in zip(*rounds))
            ratio = statistics.median(a[1] / b[1] for a, b in zip(rounds, seen["quiet"]))
            print(f"  {name:56} {p50:8.3f} {p99:7.3f} {p999:7.3f} {ratio:11.2f}")

    def probe(self, seconds):
        probe(self.redis.path, 40, seconds)  # product:0 to product:11, which are there

    def revoke(self):
        """One token, with everything from the start of the process to its end."""
        print("\nrevoke one token, written and read back; medians of whole processes")
        with link(self.redis) as (port, trip):
            walls, settings = {}, self.folder + "/settings.toml"
            with open(settings, "w") as file:
                file.write('[cachewatch]\nrevocation_layout = "token:blacklist"\n')
            for name, url in [("directly", f"unix://{self.redis.path}"), ("link", f"redis://127.0.0.1:{port}/0")]:
                runs = []
                for number in range(max(9, self.options.rounds)):
                    words = ["revoke", f"{name}-{number}", "--url", url, "--config", settings]
                    run = Child([self.options.program, *words], keep=True).wait()
                    if run.status or "written, TTL 86," not in run.text():
                        sys.exit(run.text())
                    runs.append(run.wall)
                walls[name] = statistics.median(runs)
            trips = (walls["link"] - walls["directly"]) / trip
            print(f"  directly {walls['directly'] * 1e3:.1f} ms; link of {trip * 1e3:.1f} ms {walls['link'] * 1e3:.1f} ms")
            print(f"  = {trips:.1f} round trips with connecting; 2 of them revoke and verify")


def main():
    names = ["flush", "latency", "revoke"]
    parser = argparse.ArgumentParser(prog="scripts/bench act", description=__doc__)
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--keys", type=int, default=2_000_000, help="half of them are removed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=names, action="append", help="this part; may be given more than once")
    options = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    for number in [signal.SIGTERM, signal.SIGHUP]:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    # What the children say on stderr is not of interest; what ends badly is told by its status.
    sys.stderr.flush()
    with tempfile.TemporaryDirectory(prefix="cachewatch-bench-") as folder, contextlib.ExitStack() as stack:
        stack.callback(lambda: [child.stop() for child in list(Child.living)])
        try:
            redis = Server(folder)
            bench = Bench(options, redis, folder)
            print(f"{redis.ask('--version')}, {os.cpu_count()} cores, {options.rounds} rounds, medians")
            for name in names:
                if name in (options.only or names):
                    getattr(bench, name)()
        except KeyboardInterrupt:
            sys.exit(130)


main()
