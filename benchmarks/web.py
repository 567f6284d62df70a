"""What the browser's side costs on a slow line and a slow phone, as multiples of an empty page.

Debian's Chromium, throttled by its own protocol to one profile, with an empty cache for each visit;
everything in the same rounds, medians. The floor is an empty page of an app's own site, on the same
machine. The local run answers in the stead of API Gateway and Lambda, so the figures are those of
the line and of the browser, not of a deployment.

    python benchmarks/web.py [--rounds 5]

`interactive` is when what people came for can be pressed: the way to Google, a free time of the
card. It is looked for in each frame, so a busy page is not interactive.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from local import demo_drive, walk  # noqa: E402 - found by the line above
from local.demo_drive import Person  # noqa: E402
from local.world import LocalWorld  # noqa: E402

#: A phone of the lower middle on slow 4G, as Lighthouse throttles it.
#: Source: https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md, read 2026-11.
LATENCY_MS, DOWN_BITS, UP_BITS, SLOWER = 150, 1_638_400, 675_000, 4
SCREEN = {"width": 412, "height": 823}
TOP = (
    "<!doctype html><html lang=en><meta charset=utf-8><link rel=icon href='data:,'><title>.</title>"
)
#: Notes the first frame in which the expression finds something to press.
LOOK = """const look = () => {
  if (%s) window.pressable = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);"""
IN_CARD = "document.querySelector('calendar-availability')?.shadowRoot?.querySelector('.slot')"


@dataclass
class Visited:
    """A page, what can be pressed there, and what its visits cost."""

    address: str
    pressable: str
    #: A browser's cookies, for pages of a session.
    session: Any = None
    requests: list[float] = field(default_factory=list)
    bytes: list[float] = field(default_factory=list)
    paint: list[float] = field(default_factory=list)
    interactive: list[float] = field(default_factory=list)

    def visit(self, browser: Browser) -> None:
        """Open it on the slow line, with nothing in the cache."""
        context = browser.new_context(storage_state=self.session, viewport=SCREEN)  # type: ignore[arg-type]
        page = context.new_page()
        chromium = context.new_cdp_session(page)
        chromium.send("Network.enable")
        line = {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": DOWN_BITS / 8,
            "uploadThroughput": UP_BITS / 8,
        }
        chromium.send("Network.emulateNetworkConditions", line)
        chromium.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        received: list[float] = []
        chromium.on(
            "Network.loadingFinished", lambda event: received.append(event["encodedDataLength"])
        )
        page.add_init_script(LOOK % self.pressable)
        page.goto(self.address)
        page.wait_for_function("() => window.pressable !== undefined")
        page.wait_for_load_state("networkidle")
        seen = page.evaluate(
            "() => [performance.getEntriesByName('first-contentful-paint')[0].startTime, pressable]"
        )
        self.requests.append(len(received))
        self.bytes.append(sum(received))
        self.paint.append(seen[0])
        self.interactive.append(seen[1])
        context.close()


@contextmanager
def app_site(pages: dict[str, str]) -> Iterator[str]:
    """Serve an app's own pages, by path."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (TOP + pages[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def session_of(browser: Browser, link: str) -> Any:
    """Spend a one-time link; give the cookies that it leaves."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Continue", exact=True).click()
    page.wait_for_load_state("networkidle")
    state = context.storage_state()
    context.close()
    return state


def chat_page(world: LocalWorld, guest: Person, share_id: str) -> str:
    """Return a chat page with one card, as the integration guide writes it."""
    token = guest.headers["authToken"]
    return f"""<p>Hello</p><calendar-availability share-id="{share_id}"></calendar-availability>
    <script type="module">
    import {{ CalendarScheduling }} from "{world.url}/assets/latest/calendar-scheduling.js";
    const who = {{ baseUrl: "{world.url}", appId: "local", authToken: "{token}" }};
    document.querySelector("calendar-availability").client = new CalendarScheduling(who);
    </script>"""


def measure(world: LocalWorld, browser: Browser, rounds: int) -> dict[str, Visited]:
    """Visit each page once a round; the first round is not counted."""
    host, guest, other = (Person(world, uid) for uid in ("alice", "bob", "carol"))
    demo_drive.connect(world, host)
    body = {"receiver": guest.uid, "receiverType": "user"}
    share_id = host.call("POST", "v1/share", body)["shareId"]
    link = other.call("POST", "v1/connect")["connectUrl"]
    book = guest.call("POST", f"v1/shares/{share_id}/page")["pageUrl"]
    pages = {"/empty": "<p>.</p>", "/chat": chat_page(world, guest, share_id)}
    with app_site(pages) as site:
        google = "document.querySelector('form[action=\"/connect/google\"] button')"
        visited = {
            "empty page": Visited(f"{site}/empty", "document.querySelector('p')"),
            "connect page": Visited(f"{world.url}/connect", google, session_of(browser, link)),
            "booking page": Visited(f"{world.url}/book", IN_CARD, session_of(browser, book)),
            "card in a chat page": Visited(f"{site}/chat", IN_CARD),
        }
        for counted in range(-1, rounds):
            for each in visited.values():
                each.visit(browser)
                if counted < 0:
                    for figures in (each.requests, each.bytes, each.paint, each.interactive):
                        figures.clear()
    return visited


def main() -> None:
    """Measure, and print the medians and their multiples of the floor."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with LocalWorld() as world, walk.chromium() as browser:
        visited = measure(world, browser, options.rounds)
    line = f"{LATENCY_MS} ms latency, {DOWN_BITS / 1e6:.1f} Mbit/s down"
    print(f"{line}, processor {SLOWER} times slower; medians of {options.rounds} visits")
    print(f"{'':22}{'requests':>9}{'KB':>8}{'paint ms':>10}{'x':>6}{'interactive ms':>16}{'x':>6}")
    floor = visited["empty page"]
    for name, each in visited.items():
        paint, ready = statistics.median(each.paint), statistics.median(each.interactive)
        paint_x = paint / statistics.median(floor.paint)
        ready_x = ready / statistics.median(floor.interactive)
        size = statistics.median(each.bytes) / 1024
        count = statistics.median(each.requests)
        print(
            f"{name:22}{count:>9.0f}{size:>8.1f}{paint:>10.0f}{paint_x:>6.2f}{ready:>16.0f}{ready_x:>6.2f}"
        )


if __name__ == "__main__":
    main()
