"""What Lambda's log tells of each invocation: START, END, and REPORT with what it took.

Durations are rounded as Lambda bills them: up to a millisecond, the INIT of an environment included
in its first invocation.

Source: AWS Lambda Developer Guide, "Working with Lambda function logs"; AWS Compute Blog, "AWS
Lambda standardizes billing for INIT phase", from 2025-08-01 on (read 2026-11).
"""

import math
import re
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Report:
    """Measures one environment."""

    memory_mb: int
    #: The most memory that its process has had; 0 where that cannot be known.
    peak_mb: int = 0
    _since: float = 0.0
    _began: float = 0.0
    #: Milliseconds; told once, in the report of the first invocation.
    _init: float | None = None

    def starts(self) -> None:
        """Take the time: the process is started."""
        self._since = time.perf_counter()

    def is_up(self) -> None:
        """Take the time: the handler is imported."""
        self._init = (time.perf_counter() - self._since) * 1000

    def begins(self, request_id: str) -> str:
        """Take the time of an invocation, and return the line that tells of it."""
        self._began = time.perf_counter()
        return f"START RequestId: {request_id} Version: $LATEST\n"

    def ends(self, request_id: str, status: str = "") -> str:
        """Return the lines that tell what an invocation took.

        Args:
            request_id: Of the invocation.
            status: `timeout` or `error` when the environment failed.
        """
        took = (time.perf_counter() - self._began) * 1000
        init, self._init = self._init, None
        fields = [
            f"RequestId: {request_id}",
            f"Duration: {took:.2f} ms",
            f"Billed Duration: {math.ceil(took + (init or 0))} ms",
            f"Memory Size: {self.memory_mb} MB",
            f"Max Memory Used: {self.peak_mb} MB",
        ]
        if init is not None:
            fields.append(f"Init Duration: {init:.2f} ms")
        if status:
            fields.append(f"Status: {status}")
        return f"END RequestId: {request_id}\nREPORT " + "\t".join(fields) + "\n"


def peak_memory_mb(process: int) -> int:
    """Say what a process has had of memory at most, up to now, where the kernel tells."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return math.ceil(int(found[1]) / 1024) if found else 0
