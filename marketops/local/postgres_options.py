"""The settings that the embedded PostgreSQL starts with."""

from __future__ import annotations

import os
import sys

SMALL_SHARED_MEMORY = 2**30  # bytes: containers often have 64 MB in /dev/shm, too little for a parallel query


def postgres_options() -> dict[str, str]:
    """Settings by name. With MARKETOPS_THROWAWAY=1 nothing is kept through a crash of the machine."""
    options = {
        "listen_addresses": "",
        "shared_buffers": "256MB",
        "work_mem": "64MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "4GB",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "jit": "off",
        "max_connections": "100",
        "random_page_cost": "1.1",
        "timezone": "UTC",
        "log_min_messages": "error",
    }
    if os.environ.get("MARKETOPS_THROWAWAY") == "1":  # tests: durability is not wanted
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    if not _has_shared_memory():
        options["dynamic_shared_memory_type"] = "mmap"
    return options


def _has_shared_memory() -> bool:
    try:
        space = os.statvfs("/dev/shm")  # noqa: S108 - its size only
    except OSError:
        return sys.platform != "linux"
    return space.f_blocks * space.f_frsize >= SMALL_SHARED_MEMORY
