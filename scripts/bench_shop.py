"""Puts the shop's server (Tests/ShopServer) under load while its Redis is killed, comes back, stops and goes on.

Arguments: the program, and seconds a phase (10). Prints a table, or JSON with --json. Run by scripts/bench shop, and
shortly by the tests. All routes but /orders have to answer 200 throughout; that one refuses while nobody can say whether
a token was revoked.
"""

import argparse
import asyncio
import json
import os
import random
import re
import signal
import tempfile
import time

from bench_peers import Child, Server

CALLERS = 16
GUIDE = {"connecting": "Connecting to Redis at", "connected": "Redis connected successfully",
         "failed": "Failed to connect to Redis"}


class Load:
    """Callers that ask one thing after the other, each on a connection of its own."""

    def __init__(self, port):
        self.port, self.token, self.cookies, self.answers, self.is_done = port, None, "", [], False

    async def ask(self, line, method, path, body=b"", timeout=10):
        """The status; the headers and the body."""
        head = f"{method} {path} HTTP/1.1\r\nHost: shop\r\nContent-Length: {len(body)}\r\n"
        if self.token:
            head += f"Authorization: Bearer {self.token}\r\nCookie: {self.cookies}\r\n"
        line[1].write(head.encode() + b"\r\n" + body)
        head = await asyncio.wait_for(line[0].readuntil(b"\r\n\r\n"), timeout)
        length = int(re.search(rb"content-length: (\d+)", head, re.I)[1])
        return int(head.split(b" ", 2)[1]), head.decode(), await line[0].readexactly(length)

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def begin(self):
        line = await self.connect()
        _, head, body = await self.ask(line, "POST", "/login", b'{"user":"42"}')
        self.token = json.loads(body)["token"]
        self.cookies = re.search(r"session=[^;\r]+", head)[0]
        await self.ask(line, "PUT", "/cart/7", b'{"quantity":2}')
        line[1].close()

    async def call(self):
        line = await self.connect()
        while not self.is_done:
            choice = random.random()
            method, path = "GET", f"/products/{random.randrange(1, 1001)}"
            if choice < 0.15:
                path = f"/products?q=shoe&page={random.randrange(5)}"
            elif choice < 0.3:
                path = "/account"
            elif choice < 0.4:
                path = "/cart"
            elif choice < 0.5:
                method, path = "POST", "/orders"
            began = time.monotonic()
            try:
                status, _, _ = await self.ask(line, method, path)
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
                status, line = 0, await self.connect()
            self.answers.append((path, status, began, time.monotonic() - began))


def figures(name, answers, log, began, ends):
    """What one phase came to."""
    mine = [one for one in answers if began <= one[2] < ends]
    others = sorted(one[3] * 1e3 for one in mine if one[0] != "/orders")
    orders = [one for one in mine if one[0] == "/orders"]
    good = [one[2] + one[3] for one in orders if one[1] == 200]
    refused = [one[2] + one[3] for one in orders if one[1] == 503]
    return {
        "phase": name, "requests": len(mine), "rate": len(mine) / (ends - began),
        "not200": sum(one[1] != 200 for one in mine if one[0] != "/orders"),
        "p50": others[len(others) // 2], "p99": others[len(others) * 99 // 100], "longest": others[-1],
        "orders": len(good), "refused": len(refused), "odd": len(orders) - len(good) - len(refused),
        # Seconds after the phase began.
        "last_order": max(good, default=began) - began, "last_refused": max(refused, default=began) - began,
        **{word: sum(line in one for one in log) for word, line in GUIDE.items()},
    }


async def run(options):
    with tempfile.TemporaryDirectory(prefix="cachewatch-shop-") as folder:
        server = Server(folder)
        log = folder + "/shop.log"

        def become():
            os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT, 0o600), 2)
            os.environ.update(REDIS_URL=f"unix://{server.path}", PORT="0", RATE_LIMIT="10000000")
            os.execv(options.program, [options.program])

        def lines():
            with open(log) as file:
                return file.read().splitlines()

        shop = Child(become)
        async def port():
            while True:
                for line in lines() if os.path.exists(log) else []:
                    if found := re.search(r"Listening at http://127.0.0.1:(\d+)", line):
                        return int(found[1])
                await asyncio.sleep(0.01)

        load = Load(await asyncio.wait_for(port(), 30))
        await load.begin()
        callers = [asyncio.create_task(load.call()) for _ in range(CALLERS)]

        def kill():
            server.process.stop()
            os.unlink(server.path)

        def back():
            server.process = Child(["redis-server", "--port", "0", "--unixsocket", server.path, "--save", "", "--dir", folder])

        phases, told = [], 0
        for name, act in [("calm", lambda: None), ("killed", kill), ("back", back),
                          ("stopped", lambda: os.kill(server.process.pid, signal.SIGSTOP)),
                          ("goes on", lambda: os.kill(server.process.pid, signal.SIGCONT))]:
            began = time.monotonic()
            act()
            await asyncio.sleep(options.seconds)
            # What stops has to be seen, and what is back found: on a busy machine that takes longer.
            while name != "calm" and time.monotonic() < began + 60:
                orders = [one[1] for one in load.answers[-400:] if one[0] == "/orders" and one[2] > began]
                if orders and set(orders[-5:]) == {503 if name in ("killed", "stopped") else 200}:
                    break
                await asyncio.sleep(0.05)
            ends, now = time.monotonic(), lines()
            phases.append((name, now[told:], began, ends))
            told = len(now)
        load.is_done = True
        await asyncio.gather(*callers)
        os.kill(shop.pid, signal.SIGTERM)
        began = time.monotonic()
        while not shop.ended() and time.monotonic() < began + 20:
            await asyncio.sleep(0.01)
        left = time.monotonic() - began
        server.process.stop()
        rows = [figures(name, load.answers, log, began, ends) for name, log, began, ends in phases]
        return {"phases": rows, "status": shop.status, "leaving": left, "log": lines()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("seconds", type=float, nargs="?", default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        result = asyncio.run(run(options))
    finally:
        for child in list(Child.living):
            child.stop()
    if options.json:
        return print(json.dumps(result))
    print(f"{'phase':9}{'requests':>9}{'a second':>9}{'not 200':>8}{'p50 ms':>8}{'p99 ms':>8}{'longest':>8}"
          f"{'orders':>8}{'refused':>8}{'last order s':>13}{'last refused s':>15}  log lines of the guide")
    for row in result["phases"]:
        told = ", ".join(f"{row[word]} {word}" for word in GUIDE if row[word])
        print(f"{row['phase']:9}{row['requests']:9,}{row['rate']:9,.0f}{row['not200']:8}{row['p50']:8.1f}{row['p99']:8.1f}"
              f"{row['longest']:8.1f}{row['orders']:8}{row['refused']:8}{row['last_order']:13.2f}"
              f"{row['last_refused']:15.2f}  {told}")
    print(f"SIGTERM: left after {result['leaving'] * 1e3:.0f} ms with status {result['status']}")
    print(*result["log"], sep="\n")


if __name__ == "__main__":
    main()
