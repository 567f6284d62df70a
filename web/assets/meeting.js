/** How a meeting is shown: when it is, who meets, and the links that add it to one's calendar. */

import { make } from "./elements.js";
import { yahooLink } from "./links.js";
import { dayText, rangeText, zoneText } from "./times.js";

/** When it is, in the viewer's time zone, which is named. */
export function when(card, startsAt, endsAt) {
  const [from, to] = [new Date(startsAt), new Date(endsAt)];
  return make(
    "p",
    { class: "when" },
    make("time", { datetime: from.toISOString() }, dayText(from, card.locale, card.zone)),
    make("strong", {}, rangeText(from, to, card.locale, card.zone)),
    make("small", {}, zoneText(card.zone)),
  );
}

/** The same in one line. */
export function whenText(card, startsAt, endsAt) {
  const [from, to] = [new Date(startsAt), new Date(endsAt)];
  const time = rangeText(from, to, card.locale, card.zone);
  return `${dayText(from, card.locale, card.zone)}, ${time}`;
}

/** A meeting that stands. */
export function standing(card, { booking, invite }, host) {
  const { title, startsAt, endsAt, sequence } = booking;
  const key = sequence ? "card.meeting.moved" : "card.meeting.confirmed";
  return [
    make("p", { class: "kind good" }, card.say(key)),
    card.heading(title),
    when(card, startsAt, endsAt),
    people(card, booking),
    host ? card.paragraph("card.meeting.host") : links(card, invite?.links, startsAt, endsAt),
  ];
}

/** A meeting that does not take place, or of which nobody knows yet what becomes of it. */
export function told(card, { title, startsAt, endsAt, ...booking }, key, textKey) {
  const ended = ["cancelled", "refused"].includes(booking.status);
  return [
    make("p", { class: `kind ${ended ? "bad" : "open"}` }, card.say(key)),
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
    card.link("card.add.ics", ics),
  ].filter(Boolean);
  return make(
    "div",
    { class: "add", role: "group", "aria-labelledby": "add" },
    make("p", { id: "add" }, card.say("card.add.heading")),
    make("ul", {}, items.map((item) => make("li", {}, item))),
  );
}
