"""Runs the command in its arguments; prints its seconds on a line and then what it printed."""

import subprocess
import sys
import time

start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True)
print(time.perf_counter() - start, flush=True)
sys.stdout.buffer.write(done.stdout)
