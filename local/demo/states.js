/** Every card in every state that it can be in. Tests and pictures are taken from here. */

import "/assets/latest/calendar-scheduling.js";
import { ALICE, at, booked, CannedClient, NEVER, refusal, share } from "/demo/canned.js";

const asked = new URLSearchParams(location.search);
const KEPT = { hold: { expiresAt: at(0, 12, 5) } };
const CONNECTION = { state: "connected", email: "alice@example.com", timeZone: "Europe/Berlin" };
const PREVIEW = { ...share(), host: ALICE };

/** Presses buttons, one after another: each by what it is in the card. */
function press(...selectors) {
  return async (card) => {
    for (const selector of selectors) {
      const button = await until(() => [...card.shadowRoot.querySelectorAll(selector)].at(-1));
      button.click();
    }
  };
}

async function until(found) {
  for (;;) {
    const it = found();
    if (it) return it;
    await new Promise(requestAnimationFrame);
  }
}

const pick = press("button.slot");
const book = press("button.slot", "button.main");
const move = press(".change button:first-child", "button.slot");
const first = (selector) => press(selector);

const availability = (name, answers, steps, more = {}) => ({
  name: `availability-${name}`,
  tag: "calendar-availability",
  properties: { shareId: "s1" },
  answers: { getShare: share(), hold: KEPT, ...answers },
  steps,
  ...more,
});
const invite = (name, answers, steps, viewer = "bob") => ({
  name: `invite-${name}`,
  tag: "calendar-invite",
  properties: { customData: { bookingId: "b1" }, viewer },
  answers: { booking: booked(), getShare: share(), times: share(), ...answers },
  steps,
});
const sharing = (name, answers, steps) => ({
  name: `share-${name}`,
  tag: "calendar-share",
  properties: { receiver: "bob", receiverName: "Bob" },
  answers: { connection: CONNECTION, preview: PREVIEW, ...answers },
  steps,
});
const connecting = (name, connection, steps, answers) => ({
  name: `connect-${name}`,
  tag: "calendar-connect",
  properties: {},
  answers: { connection, connect: { connectUrl: `${location.origin}/connect/t` }, ...answers },
  steps,
});

const TAKEN = refusal("SLOT_TAKEN", { alternatives: [at(1, 9), at(1, 12), at(1, 12, 15)] });

const STATES = [
  availability("choose", {}),
  availability("week", {}, undefined, { wide: true }),
  availability("lengths", { getShare: share({ durations: [30, 60] }) }),
  availability("loading", { getShare: NEVER }),
  availability("confirm", {}, pick),
  availability("booking", { book: NEVER }, book),
  availability("taken", { book: TAKEN }, book),
  availability("unanswered", { book: refusal("FAILED_TO_FETCH") }, book),
  availability("waiting", { book: booked({ status: "claimed" }) }, book),
  availability("booked", { book: booked() }, book),
  availability("full", { getShare: share({ status: "full", slots: [] }) }),
  availability("expired", { getShare: share({ status: "expired", slots: [] }) }),
  availability("withdrawn", { getShare: share({ status: "withdrawn", slots: [] }) }),
  availability("closed", { getShare: share({ status: "closed", slots: [] }) }),
  availability("unavailable", { getShare: refusal("CALENDAR_UNAVAILABLE") }),
  availability("not-allowed", { getShare: refusal("NOT_ALLOWED") }),
  availability("host-lost", { getShare: refusal("RECONNECT_NEEDED") }),
  availability("host-closed", { getShare: share({ role: "host", status: "closed", slots: [] }) }),
  availability("host", { getShare: share({ role: "host" }) }),
  availability("host-week", { getShare: share({ role: "host" }) }, undefined, { wide: true }),
  availability("host-withdraw", { getShare: share({ role: "host" }) }, first(".card .shown > button:last-child")),
  availability("host-withdrawn", { getShare: share({ role: "host", status: "withdrawn", slots: [] }) }),
  invite("confirmed", {}),
  invite("host", {}, undefined, "alice"),
  invite("moved", { booking: booked({ sequence: 1 }) }),
  invite("cancel", {}, first(".change button:last-child")),
  invite("cancelled", { booking: booked({ status: "cancelled" }) }),
  invite("again", { booking: booked({ status: "cancelled" }) }, first(".shown > button")),
  invite("cancelled-host", { booking: booked({ status: "cancelled" }) }, undefined, "alice"),
  invite("cancelling", { booking: booked({ status: "cancelling" }) }),
  invite("move", {}, first(".change button:first-child")),
  invite("move-confirm", {}, move),
  invite("move-none", { times: share({ slots: [] }) }, first(".change button:first-child")),
  invite("move-taken", { reschedule: TAKEN }, press(".change button:first-child", "button.slot", "button.main")),
  invite("moving", { booking: booked({ status: "moving" }) }),
  invite("refused", { booking: booked({ status: "refused" }) }),
  invite("unknown", { booking: refusal("NOT_FOUND") }),
  invite("unreachable", { booking: refusal("FAILED_TO_FETCH") }),
  sharing("connect-first", { connection: { state: "none" } }),
  sharing("ask", {}),
  sharing("nothing-free", { preview: { ...PREVIEW, slots: [] } }),
  sharing("unavailable", { preview: refusal("CALENDAR_UNAVAILABLE") }),
  sharing("sending", { share: NEVER }, first("button.main")),
  sharing("sent", { share: { shareId: "s1" } }, first("button.main")),
  sharing("limit", { share: refusal("TOO_MANY_REQUESTS", { retryAfterSeconds: 1500 }) }, first("button.main")),
  sharing("not-allowed", { share: refusal("NOT_ALLOWED") }, first("button.main")),
  connecting("none", { state: "none" }),
  connecting("connected", CONNECTION),
  connecting("refused", { state: "none" }, first("button.main"), { connect: refusal("CHAT_UNAVAILABLE") }),
  connecting("reconnect", { ...CONNECTION, state: "reconnect" }),
  connecting("unreachable", refusal("FAILED_TO_FETCH")),
];

document.documentElement.dataset.theme = asked.get("theme") ?? "";
document.documentElement.lang = asked.get("lang") ?? "en";
document.documentElement.dir = document.documentElement.lang === "ar" ? "rtl" : "ltr";

const only = asked.get("only") ?? "";
for (const { name, tag, properties, answers, steps, wide } of STATES) {
  if (!name.startsWith(only)) continue;
  const card = Object.assign(document.createElement(tag), properties);
  if (asked.has("zone")) card.timeZone = asked.get("zone");
  const section = document.createElement("section");
  section.className = wide ? "wide" : "";
  section.dataset.state = name;
  section.append(Object.assign(document.createElement("h2"), { textContent: name }), card);
  document.querySelector("main").append(section);
  card.client = new CannedClient(answers);
  const begun = name.endsWith("-loading") ? ".status:not(:empty)" : ".shown > *";
  await until(() => {
    section.scrollIntoView();
    return card.shadowRoot.querySelector(begun);
  });
  await steps?.(card);
}
scrollTo(0, 0);
document.documentElement.dataset.ready = "yes";
