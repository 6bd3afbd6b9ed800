"""A server to sweep, whatever sweeps it beside cachewatch, a slow link to it, and another client to disturb."""

import collections
import contextlib
import ctypes
import json
import os
import random
import re
import signal
import socket
import statistics
import sys
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")
LIBC = ctypes.CDLL(None)
ONE_WAY = 0.010  # seconds that the link delays what it is given, each way
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
