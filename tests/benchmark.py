"""How long a whole command takes to check one Compose file of some 700 lines, beside its peers.

Run by hand or by `.ci/run`: python tests/benchmark.py [RUNS]. Prints the median in milliseconds.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SERVICE = """  service-{number}:
    image: registry.example.org/team/service-{number}:1.{number}
    restart: unless-stopped
    environment:
      - LOG_LEVEL=info
      - NUMBER={number}
    ports:
      - "127.0.0.1:{port}:80"
    volumes:
      - data-{number}:/data
    networks: [web]

"""


def compose_file(services: int) -> str:
    body = "".join(SERVICE.format(number=number, port=8000 + number) for number in range(services))
    volumes = "".join(f"  data-{number}:\n" for number in range(services))
    return f"services:\n{body}networks:\n  web:\n\nvolumes:\n{volumes}"


def median(command: list[str], runs: int) -> float:
    """The median wall time of a command in milliseconds, after one run to warm the caches."""
    # Python's compiled files are kept, as on any user's machine.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    times: list[float] = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False, env=environment)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[1:])


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    scripts = Path(sys.executable).parent
    dclint = scripts.parent / "node" / "node_modules" / ".bin" / "dclint"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "compose.yaml")
        path.write_text(compose_file(55))
        print(f"one file of {len(path.read_text().splitlines())} lines, median of {runs} runs")
        for name, command in {
            "dockfix": [str(scripts / "dockfix"), str(path)],
            "compose-lint": [str(scripts / "compose-lint"), str(path)],
            "dclint": [str(dclint), str(path)],
        }.items():
            if shutil.which(command[0]):
                print(f"  {name:<13} {median(command, runs):7.1f} ms")


if __name__ == "__main__":
    main()
