"""Connect, share, book, invite: the same tests, with the functions packaged as for Lambda."""

import re
from pathlib import Path

import pytest
import requests

from scheduling.core import config
from tests.e2e.conftest import Town
from tests.e2e.test_main_job import (
    test_a_guest_books_on_a_page_by_its_cookie_alone,
    test_a_taken_slot_is_answered_with_the_next_free_starts,
    test_disconnecting_ends_sharing_and_the_grant_at_google,
    test_the_wire_is_that_of_the_chats_own_extensions,
    test_two_people_meet,
)

pytestmark = [pytest.mark.build, pytest.mark.e2e]

#: What Lambda sets by itself.
OF_LAMBDA = {
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"),
    *("AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME"),
    *("AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME"),
    *("AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LANG", "PATH"),
    *("PYTHONPATH", "TZ", "_HANDLER"),
}
#: What leads an SDK to this run instead of AWS, and what Powertools wants of the template.
OF_RUN = {
    *("AWS_CONFIG_FILE", "AWS_ENDPOINT_URL", "AWS_SHARED_CREDENTIALS_FILE"),
    *("POWERTOOLS_LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"),
}
#: Collected here a second time, for the packaged functions.
__all__ = [
    "test_a_guest_books_on_a_page_by_its_cookie_alone",
    "test_a_taken_slot_is_answered_with_the_next_free_starts",
    "test_disconnecting_ends_sharing_and_the_grant_at_google",
    "test_the_wire_is_that_of_the_chats_own_extensions",
    "test_two_people_meet",
]


def test_the_scheduled_function_runs_packaged(town: Town) -> None:
    answered = town.world.invoke("reconcile", {})
    assert isinstance(answered, dict)
    log = (town.world.folder / "reconcile.log").read_text()
    assert re.search(r"^REPORT .*\tMemory Size: 1024 MB\t.*\tInit Duration: ", log, re.MULTILINE)


def test_a_request_beyond_six_megabytes_is_refused(town: Town) -> None:
    guest = town.person("guest")
    answer = requests.post(
        f"{town.world.url}/v1/share", data=b"x" * 7_000_000, headers=guest.headers, timeout=30
    )
    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_a_function_has_what_the_template_gives_it_and_nothing_of_the_checkout(town: Town) -> None:
    """Looked at from outside: what the kernel says of the process that answered last."""
    town.world.invoke("reconcile", {})
    found = [
        dict(line.split("=", 1) for line in heard.decode().split("\0") if line)
        for path in Path("/proc").glob("[0-9]*/environ")
        if (heard := _read(path))
        and b"AWS_LAMBDA_FUNCTION_NAME=ReconcileFunction" in heard
        and f":{town.world.addresses.port + 3}".encode() in heard
    ]
    assert found
    for environ in found:
        assert environ["PYTHONPATH"] == "/var/task:/opt/python"
        assert environ["WEB_DIR"] == "/opt"
        assert environ["_HANDLER"] == "app.handler"
        # Python sets LC_CTYPE by itself where a machine has no en_US.UTF-8.
        assert set(environ) - set(town.world.addresses.vendors({})) - {"LC_CTYPE"} == (
            config.FUNCTIONS["reconcile"] | OF_LAMBDA | OF_RUN
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # it has ended, or is not ours
