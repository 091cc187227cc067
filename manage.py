#!/usr/bin/env python
"""Django's command line; brings up the embedded services a command needs."""

import os
import sys

# Commands that read no table: they start no service.
OFFLINE = {"help", "version", "makemessages", "messages", "supervise"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketops.settings")
    from marketops.local import embedded

    if len(sys.argv) > 1 and sys.argv[1] not in OFFLINE and "--help" not in sys.argv:
        embedded.join_or_exit()

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
