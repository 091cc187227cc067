"""`python -m marketops.local run | clean`: what `make run` and `make clean` call."""

import argparse

from marketops.local import supervisor
from marketops.local.removal import clean


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m marketops.local", description="A local installation of Marketops."
    )
    parser.add_argument("command", choices=["run", "clean"])
    command = parser.parse_args().command
    if command == "run":
        supervisor.run_or_exit()
    else:
        clean()


if __name__ == "__main__":
    main()
