/** A meeting that the extension confirmed, with the links that add it to one's calendar. */

import { make } from "./card.js";
import { yahooLink } from "./links.js";
import { dayText, rangeText, viewerZone, zoneText } from "./times.js";

/** When it is, in the viewer's time zone, which is named. */
export function when(card, startsAt, endsAt) {
  const [from, to] = [new Date(startsAt), new Date(endsAt)];
  return make(
    "p",
    { class: "when" },
    make("time", { datetime: from.toISOString() }, dayText(from, card.locale)),
    make("strong", {}, rangeText(from, to, card.locale)),
    make("small", {}, zoneText(viewerZone())),
  );
}

/** Show a booking of `GET v1/bookings/{id}` or `POST v1/book`. */
export function meeting(card, { booking, invite }, { host = false } = {}) {
  const { title, startsAt, endsAt } = booking;
  const people = { host: booking.host.name, guest: booking.guest.name };
  return [
    make("p", { class: "kind" }, card.say("card.meeting.confirmed")),
    card.heading(title),
    when(card, startsAt, endsAt),
    card.paragraph("card.meeting.people", people),
    host ? card.paragraph("card.meeting.host") : links(card, invite?.links, startsAt, endsAt),
  ];
}

function links(card, addresses, startsAt, endsAt) {
  if (!addresses) return null;
  const { google, outlook, microsoft365, yahoo, ics } = addresses;
  const items = [
    card.link("card.add.google", google),
    card.link("card.add.outlook", outlook),
    card.link("card.add.microsoft365", microsoft365),
    card.link("card.add.yahoo", yahooLink(yahoo ?? "", startsAt, endsAt)),
    card.link("card.add.ics", ics),
  ].filter(Boolean);
  return make(
    "div",
    { class: "add", role: "group", "aria-labelledby": "add" },
    make("p", { id: "add" }, card.say("card.add.heading")),
    make("ul", {}, items.map((item) => make("li", {}, item))),
  );
}
