"""The browser's files: of one version, kept for ever, and found without knowing which."""

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
