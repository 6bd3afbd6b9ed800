"""Watches the demo for some minutes and lists every alert that was raised or cleared, with what was seen when it fired.

    scripts/quiet_demo.py PROGRAM [MINUTES]

The dashboard runs on a terminal of its own, without anybody who presses keys. The demo breaks three rules on purpose:
counters without a TTL, revocations on a server that may evict them, a default user without a password. Whatever else is
raised is not so: exit status 1.
"""

import os
import re
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath(sys.argv[1])
MINUTES = float(sys.argv[2]) if len(sys.argv) > 2 else 10
MEANT = {"ttl-contract-broken", "revocations-evictable", "no-password"}
CHANGE = re.compile(r"(WARN|INFO|WARNING:) ([a-z-]+) (?:now )?(info|warning|critical|cleared)|Redis memory usage high")


def main():
    folder = tempfile.mkdtemp(prefix="cachewatch-quiet-")
    socket = folder + "/tmux"
    tmux = ["tmux", "-S", socket, "-f", "/dev/null"]
    environment = dict(
        os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color", TMPDIR=folder, XDG_STATE_HOME=folder + "/state",
        XDG_CONFIG_HOME=folder + "/config")
    environment.pop("REDIS_URL", None)
    subprocess.run(
        tmux + ["new-session", "-d", "-x", "120", "-y", "50", f"exec '{PROGRAM}' demo"], env=environment, check=True)
    log = folder + "/state/cachewatch/cachewatch.log"
    end = time.monotonic() + MINUTES * 60
    false, seen, raised = [], 0, set()
    try:
        while time.monotonic() < end:
            time.sleep(5)
            lines = open(log, encoding="utf-8").read().splitlines() if os.path.exists(log) else []
            for line in lines[seen:]:
                match = CHANGE.search(line)
                if not match:
                    continue
                name, level = (match[2], match[3]) if match[2] else ("memory-high", "warning")
                print(f"{(time.monotonic() - end + MINUTES * 60) / 60:5.1f} min  {line}", flush=True)
                raised.add(name)
                if level != "cleared" and name not in MEANT:
                    false.append(line)
                    subprocess.run(tmux + ["send-keys", "8"], check=False)
                    time.sleep(1)
                    print(subprocess.run(
                        tmux + ["capture-pane", "-p"], capture_output=True, text=True, check=False).stdout, flush=True)
            seen = len(lines)
            if subprocess.run(tmux + ["has-session"], capture_output=True, check=False).returncode:
                sys.exit("the dashboard has ended")
    finally:
        subprocess.run(tmux + ["send-keys", "q"], capture_output=True, check=False)
        time.sleep(1)
        subprocess.run(tmux + ["kill-server"], capture_output=True, check=False)
    if not MEANT <= raised:
        sys.exit("not seen, so that nothing else may have been seen either: " + ", ".join(sorted(MEANT - raised)))
    print(f"{MINUTES:g} minutes: {len(false)} alerts that are not so")
    sys.exit(1 if false else 0)


main()
