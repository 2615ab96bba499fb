"""A worker that ends in one of many ways, chosen by its prompt: for load tests with the engine `command`."""

import os
import random
import signal
import sys
import time

prompt = sys.stdin.read()
chance = random.Random(prompt)
time.sleep(chance.uniform(0.0, 0.05))
if chance.random() < 2 / 3 or "--well" in sys.argv:
    print(f"answer to {prompt.split()[-1]}")
    sys.exit(0)
way = chance.choice(["nothing", "status", "signal", "half a character", "flood", "silence"])
if way == "status":
    print("something went wrong", file=sys.stderr)
    sys.exit(3)
if way == "signal":
    os.kill(os.getpid(), signal.SIGSEGV)
if way == "half a character":
    sys.stdout.buffer.write("half of é".encode()[:-1])
if way == "flood":
    for _ in range(2000):
        sys.stdout.write("x" * 1000 + "\n")
    sys.exit(1)
if way == "silence":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    time.sleep(60)
