"""No secret is readable in an answer, a log or the table."""

import json
import re

import pytest
import requests

from local import facts
from tests.e2e.conftest import Town

pytestmark = pytest.mark.e2e


def test_nothing_in_an_answer_a_log_or_the_table_shows_a_token(town: Town) -> None:
    host, guest = town.host(), town.person("guest")
    shared = town.share(host, guest)
    answers = [
        town.send("GET", "v1/connection", host).text,
        town.send("GET", f"v1/shares/{shared['shareId']}", guest).text,
    ]
    slot = town.slots(guest, shared["shareId"])[80]
    body = {"shareId": shared["shareId"], "startsAt": slot}
    answers.append(town.send("POST", "v1/book", guest, json=body).text)
    town.world.google.add_fault(match="calendar.freebusy.query", kind="status", status=500, times=9)
    answers.append(town.send("GET", f"v1/shares/{shared['shareId']}", guest).text)
    town.world.clear_faults()
    link = host.call("POST", "v1/connect")["connectUrl"]
    opened = requests.post(link, timeout=10, allow_redirects=False)
    cookie = opened.headers["set-cookie"].split(";")[0].partition("=")[2]

    names = [f"/calendar-scheduling/{name}" for name in ("signing-keys", "calendar-key")]
    kept = town.aws("ssm").get_parameters(Names=names, WithDecryption=True)
    secrets = [parameter["Value"] for parameter in kept["Parameters"]]
    secrets += [facts.GOOGLE_CLIENT_SECRET, *facts.API_KEYS.values()]
    secrets += [host.headers["authToken"], guest.headers["authToken"]]
    secrets += [link.rpartition("/")[2], cookie]
    assert len(secrets) == 9

    stored = repr(town.items())
    logs = "\n".join(path.read_text() for path in town.world.folder.glob("*.log"))
    assert "answered" in logs
    assert "SHARE#" in stored
    google_shapes = re.compile(r"ya29\.|1//[\w-]{20}|4/0A[\w-]+|eyJ[\w-]+\.eyJ")
    for place in (stored, logs, json.dumps(answers)):
        assert not google_shapes.search(place)
        for number, secret in enumerate(secrets):
            assert secret not in place, f"secret {number}"
