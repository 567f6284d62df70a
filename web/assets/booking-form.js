/** The last step before a booking: the time, and what its guest wants to say about it. */

import { make } from "./elements.js";
import { when } from "./meeting.js";
import { sameWall, timeText } from "./times.js";

/**
 * Give the form.
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
  const elsewhere = !sameWall(card.zone, timeZone, startsAt);
  const time = timeText(startsAt, card.locale, timeZone);
  const oninput = (event) => (typed[event.target.name] = event.target.value);
  const onsubmit = (event) => {
    event.preventDefault();
    onbook();
  };
  const title = { name: "title", maxlength: 200, value: typed.title, dir: "auto", oninput };
  const note = { name: "note", maxlength: 1000, rows: 2, dir: "auto", oninput };
  return [
    notice,
    card.heading(card.say("card.book.heading", { host: host.name })),
    when(card, startsAt, endsAt),
    elsewhere ? card.paragraph("card.book.host_time", { host: host.name, time }) : null,
    make("p", { class: "held", role: "status", "data-for": startsAt.toISOString() }),
    make(
      "form",
      { onsubmit },
      make("label", {}, card.say("card.book.title"), make("input", title)),
      make("label", {}, card.say("card.book.note"), make("textarea", note, typed.note)),
      make(
        "div",
        { class: "deeds" },
        make("button", { class: "main" }, card.say("card.book")),
        card.button("card.back", onback),
      ),
    ),
  ];
}
