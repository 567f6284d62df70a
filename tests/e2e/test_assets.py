"""What browsers fetch: files of one version, found without knowing which, and small answers."""

import pytest

from tests.e2e.conftest import Town

pytestmark = pytest.mark.e2e

MODULE = "calendar-scheduling.js"
APP = {"Origin": "https://app.example"}


@pytest.mark.parametrize("version", ["latest", "0123456789abcdef"])
def test_any_version_leads_to_the_one_that_is_deployed(town: Town, version: str) -> None:
    way = town.send("GET", f"assets/{version}/{MODULE}", headers=APP)
    assert way.status_code == 302
    assert way.headers["Cache-Control"] == "public, max-age=300"
    assert way.headers["Access-Control-Allow-Origin"] == "*"
    file = town.send("GET", way.headers["Location"].lstrip("/"), headers=APP)
    assert file.status_code == 200
    assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert file.headers["Access-Control-Allow-Origin"] == "*"
    assert "export" in file.text


def test_a_file_that_is_none_is_not_led_anywhere(town: Town) -> None:
    for file in ("no-such-module.js", "words-xx.json", "..%2Fpages%2Fbook.html"):
        assert town.send("GET", f"assets/latest/{file}").status_code == 404


@pytest.mark.parametrize("path", ["v1/preview", "v1/shares/{share_id}"])
def test_a_week_of_free_times_travels_compressed(town: Town, path: str) -> None:
    host, guest = town.host("carol"), town.person("guest")
    share_id = town.share(host, guest)["shareId"]
    answer = town.send("GET", path.format(share_id=share_id), host)
    assert len(answer.json()["data"]["slots"]) > 300
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) < len(answer.content) / 4
    plain = {"Accept-Encoding": "identity"}
    answer = town.send("GET", path.format(share_id=share_id), host, headers=plain)
    assert "Content-Encoding" not in answer.headers
    assert len(answer.json()["data"]["slots"]) > 300
