/** How a meeting is asked for and shown: when, with whom, and the links that add it to a calendar. */

import { make } from "./elements.js";
import {
  dayText,
  knownZone,
  offsetOf,
  rangeText,
  sameWall,
  timeText,
  wallTime,
  zoneText,
} from "./times.js";

/** How many characters the extension takes. */
export const TITLE_MAX = 200;
const NOTE_MAX = 1000;
/** Of such a booking nothing is left in the calendar. */
export const ENDED = ["cancelled", "refused"];

/** When it is, in the viewer's time zone, which is named; so is why it is another. */
export function when(card, startsAt, endsAt) {
  const [from, to] = [new Date(startsAt), new Date(endsAt)];
  return make(
    "p",
    { class: "when" },
    make("time", { datetime: from.toISOString() }, dayText(from, card.locale, card.zone)),
    make("strong", {}, rangeText(from, to, card.locale, card.zone)),
    make("small", {}, card.zoneNote ?? zoneText(card.zone)),
  );
}

/** The same in one line. */
export function whenText(card, startsAt, endsAt) {
  const [from, to] = [new Date(startsAt), new Date(endsAt)];
  const time = rangeText(from, to, card.locale, card.zone);
  return `${dayText(from, card.locale, card.zone)}, ${time}`;
}

/** A meeting that stands; `inviteZone` is what the extension used instead of a zone it did not know. */
export function standing(card, { booking, invite }, host, inviteZone) {
  const { title, startsAt, endsAt, sequence } = booking;
  const key = sequence ? "card.meeting.moved" : "card.meeting.confirmed";
  return [
    make("p", { class: "kind good" }, card.translation(key)),
    card.heading(title),
    when(card, startsAt, endsAt),
    people(card, booking),
    host ? card.paragraph("card.meeting.host") : links(card, invite?.links, startsAt, endsAt),
    inviteZone ? card.paragraph("card.zone.replaced", { zone: zoneText(inviteZone) }) : null,
  ];
}

/** A meeting that does not take place, or of which nobody knows yet what becomes of it. */
export function meetingFacts(card, { title, startsAt, endsAt, ...booking }, key, textKey) {
  const ended = ENDED.includes(booking.status);
  return [
    make("p", { class: `kind ${ended ? "bad" : "open"}` }, card.translation(key)),
    card.heading(title),
    make("div", { class: ended ? "ended" : null }, when(card, startsAt, endsAt)),
    people(card, booking),
    card.paragraph(textKey, { host: booking.host.name }),
  ];
}

function people(card, { host, guest }) {
  return card.paragraph("card.meeting.people", { host: host.name, guest: guest.name });
}

function links(card, addresses, startsAt, endsAt) {
  if (!addresses) return null;
  const { google, outlook, microsoft365, yahoo, ics } = addresses;
  const items = [
    card.link("card.add.google", google),
    card.link("card.add.outlook", outlook),
    card.link("card.add.microsoft365", microsoft365),
    card.link("card.add.yahoo", yahooLink(yahoo ?? "", startsAt, endsAt, card.zone)),
    card.ownLink("card.add.ics", ics),
  ].filter(Boolean);
  return make(
    "div",
    { class: "add", role: "group", "aria-labelledby": "add" },
    make("p", { id: "add" }, card.translation("card.add.heading")),
    make("ul", {}, items.map((item) => make("li", {}, item))),
  );
}

/**
 * Yahoo reads times as wall time of whoever opens the link, so that is what it gets. An end that
 * reads no later than the start, because clocks are turned back in between, no calendar takes: then
 * the length counts.
 */
function yahooLink(address, startsAt, endsAt, zone) {
  const [from, to] = [new Date(startsAt), new Date(endsAt)];
  const [start, read] = [from, to].map((each) => wallTime(each, zone));
  const end = read > start ? read : wallTime(to.getTime() + offsetOf(from, zone), "UTC");
  return address
    .replace(/([?&]ST=)[^&#]*/, `$1${start}`)
    .replace(/([?&]ET=)[^&#]*/, `$1${end}`);
}

/**
 * Return the last step before a booking: the time, and what its guest wants to say about it.
 *
 * @param card whose words, language and zone are used.
 * @param view the share.
 * @param startsAt the time that was picked.
 * @param minutes how long it is to be.
 * @param options `typed`: what was typed before, and where it is kept; `notice` stands above;
 *   `onbook` and `onback` are told what is pressed.
 */
export function bookingForm(card, { host, timeZone }, startsAt, minutes, options) {
  const { notice, typed, onback, onbook } = options;
  const endsAt = new Date(startsAt.getTime() + minutes * 60_000);
  const there = knownZone(timeZone);
  const elsewhere = there && !sameWall(card.zone, there, startsAt);
  const time = elsewhere && timeText(startsAt, card.locale, there);
  const oninput = (event) => (typed[event.target.name] = event.target.value);
  const onsubmit = (event) => {
    event.preventDefault();
    onbook();
  };
  const title = { name: "title", maxlength: TITLE_MAX, value: typed.title, dir: "auto", oninput };
  const note = { name: "note", maxlength: NOTE_MAX, rows: 2, dir: "auto", oninput };
  return [
    notice,
    card.heading(card.translation("card.book.heading", { host: host.name })),
    when(card, startsAt, endsAt),
    elsewhere ? card.paragraph("card.book.host_time", { host: host.name, time }) : null,
    make("p", { class: "held", role: "status", "data-for": startsAt.toISOString() }),
    make(
      "form",
      { onsubmit },
      make("label", {}, card.translation("card.book.title"), make("input", title)),
      make("label", {}, card.translation("card.book.note"), make("textarea", note, typed.note)),
      make(
        "div",
        { class: "actions" },
        make("button", { class: "main" }, card.translation("card.book")),
        card.button("card.back", onback),
      ),
    ),
  ];
}
