/** `<calendar-availability>`: pick one of somebody's free times and book it. */

import { Card, make } from "./card.js";
import { dayPicker } from "./days.js";
import { meeting, when } from "./meeting.js";
import {
  dayText,
  days,
  durationText,
  sameWall,
  timeText,
  viewerZone,
  zoneText,
} from "./times.js";

const STALE_MS = 60_000;
const LOOK_AGAIN_MS = 5_000;

export class CalendarAvailability extends Card {
  static properties = ["client"];
  static observedAttributes = ["share-id"];
  #view;
  #duration;
  #day;
  #loadedAt = 0;
  #choosing = false;
  #timer;

  get shareId() {
    return this.getAttribute("share-id");
  }

  set shareId(value) {
    this.setAttribute("share-id", value);
  }

  attributeChangedCallback() {
    if (this.say) this.start();
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.#refreshIfStale);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.#refreshIfStale);
    clearTimeout(this.#timer);
  }

  #refreshIfStale = () => {
    const stale = Date.now() - this.#loadedAt > STALE_MS;
    if (document.visibilityState === "visible" && this.#choosing && stale) this.start();
  };

  /** Load the share as it is now; a notice from a failed booking stays above it. */
  async start(notice) {
    this.tell(this.say("card.loading"));
    try {
      this.#view = await this.client.getShare(this.shareId, this.#duration);
      this.#loadedAt = Date.now();
      await this.#showView(notice);
    } catch (error) {
      this.#choosing = false;
      this.show(notice, this.problem(error, () => this.start()));
    }
    this.tell();
  }

  async #showView(notice) {
    const { booking, role, status } = this.#view;
    this.#choosing = false;
    if (booking?.status === "claimed") this.#wait(booking);
    else if (booking) this.#showMeeting(await this.client.booking(booking.bookingId));
    else if (role === "host") this.#showHost(notice);
    else if (status === "open") this.#showChoice(notice);
    else this.show(notice, this.#top(), this.paragraph(`card.status.${status}`));
  }

  #top() {
    const { host, title } = this.#view;
    const text = this.say("card.availability.kind", { host: host.name });
    return [make("p", { class: "kind" }, text), this.heading(title)];
  }

  #showMeeting(found) {
    this.show(meeting(this, found));
    this.dispatchEvent(new CustomEvent("calendar-booked", { detail: found, bubbles: true }));
  }

  // The host's own view

  #showHost(notice) {
    const { receiver, status, from, to, title } = this.#view;
    const short = { weekday: "short", day: "numeric", month: "short" };
    const [first, last] = [from, to].map((each) => dayText(new Date(each), this.locale, short));
    this.show(
      notice,
      make("p", { class: "kind" }, this.say("card.host.kind", { receiver })),
      this.heading(title),
      this.paragraph("card.host.window", { first, last }),
      this.paragraph(`card.status.${status}`),
      status === "open" ? this.button("card.host.withdraw", () => this.#askWithdraw()) : null,
    );
  }

  #askWithdraw() {
    this.show(
      this.heading(this.say("card.host.sure")),
      this.paragraph("card.host.sure.text"),
      make(
        "div",
        { class: "deeds" },
        this.button("card.host.withdraw", () => this.#withdraw(), "main"),
        this.button("card.back", () => this.#showHost()),
      ),
    );
  }

  async #withdraw() {
    try {
      await this.client.withdraw(this.shareId);
      await this.start();
    } catch (error) {
      this.#showHost(this.problem(error, () => this.#withdraw()));
    }
  }

  // Choosing

  #showChoice(notice) {
    this.#choosing = true;
    this.show(
      notice,
      this.#top(),
      this.#zones(),
      this.#durations(),
      dayPicker(this, days(this.#view), {
        shown: this.#day,
        onday: (key) => (this.#day = key),
        onpick: (at) => this.#ask(at),
      }),
      this.button("card.refresh", () => this.start(), "quiet"),
    );
  }

  #zones() {
    const { host, timeZone, from } = this.#view;
    const zone = zoneText(viewerZone());
    const same = sameWall(new Date(from), timeZone, viewerZone());
    const key = same ? "card.zone" : "card.zone.both";
    const text = this.say(key, { zone, host: host.name, hostZone: zoneText(timeZone) });
    return make("p", { class: "zone" }, text);
  }

  #durations() {
    const { durations } = this.#view;
    const label = (minutes) => durationText(minutes, this.locale);
    if (durations.length === 1) return make("p", { class: "length" }, label(durations[0]));
    const chosen = this.#duration ?? durations[0];
    const onchange = (event) => {
      this.#duration = Number(event.target.value);
      this.start();
    };
    const options = durations.map((minutes) =>
      make("option", { value: minutes, selected: minutes === chosen }, label(minutes)),
    );
    return make("label", {}, this.say("card.duration"), make("select", { onchange }, options));
  }

  // Booking

  #ask(startsAt, notice, typed = {}) {
    this.#choosing = false;
    const { host, title, timeZone, durations } = this.#view;
    const minutes = this.#duration ?? durations[0];
    const endsAt = new Date(startsAt.getTime() + minutes * 60_000);
    const other = !sameWall(startsAt, timeZone, viewerZone());
    const time = timeText(startsAt, this.locale, timeZone);
    const request = (form) => ({
      shareId: this.shareId,
      startsAt: startsAt.toISOString(),
      durationMinutes: minutes,
      title: form.get("title"),
      note: form.get("note"),
      timeZone: viewerZone(),
      locale: this.locale,
    });
    const onsubmit = (event) => {
      event.preventDefault();
      this.#book(startsAt, request(new FormData(event.target)));
    };
    const field = { name: "title", maxlength: 200, value: typed.title ?? title };
    const note = make("textarea", { name: "note", maxlength: 1000, rows: 2 }, typed.note ?? "");
    this.show(
      notice,
      this.heading(this.say("card.book.heading", { host: host.name })),
      when(this, startsAt, endsAt),
      other ? this.paragraph("card.book.host_time", { host: host.name, time }) : null,
      make(
        "form",
        { onsubmit },
        make("label", {}, this.say("card.book.title"), make("input", field)),
        make("label", {}, this.say("card.book.note"), note),
        make(
          "div",
          { class: "deeds" },
          make("button", { class: "main" }, this.say("card.book")),
          this.button("card.back", () => this.#showChoice()),
        ),
      ),
    );
  }

  async #book(startsAt, request) {
    this.shadowRoot.querySelectorAll("button").forEach((each) => (each.disabled = true));
    this.tell(this.say("card.book.sending"));
    try {
      const found = await this.client.book(request);
      if (found.booking.status === "claimed") this.#wait(found.booking);
      else this.#showMeeting(found);
      this.tell();
    } catch (error) {
      this.tell();
      await this.#refused(error, startsAt, request);
    }
  }

  async #refused(error, startsAt, request) {
    if (error.code === "SLOT_TAKEN") {
      await this.start(this.#alternatives(error, request));
    } else if (["SLOT_NOT_OFFERED", "SHARE_CLOSED", "ALREADY_BOOKED"].includes(error.code)) {
      await this.start(this.problem(error));
    } else {
      this.#ask(startsAt, this.problem(error, () => this.#book(startsAt, request)), request);
    }
  }

  #alternatives(error, typed) {
    const starts = (error.details.alternatives ?? []).map((start) => new Date(start));
    const buttons = starts.map((at) => {
      const onclick = () => this.#ask(at, null, typed);
      const day = dayText(at, this.locale, { weekday: "short" });
      const text = `${day} ${timeText(at, this.locale)}`;
      return make("button", { type: "button", class: "slot", onclick }, text);
    });
    const notice = this.problem(error);
    if (buttons.length) {
      notice.append(this.paragraph("card.alternatives"), make("div", { class: "times" }, buttons));
    }
    return notice;
  }

  /** Nobody knows yet whether the calendar took it: look again until somebody does. */
  #wait(booking) {
    const { bookingId, startsAt, endsAt } = booking;
    const again = this.button("card.refresh", () => this.start(), "quiet");
    const heading = this.heading(this.say("card.meeting.claimed"));
    this.show(
      heading,
      when(this, startsAt, endsAt),
      this.paragraph("card.meeting.claimed.text"),
      again,
    );
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      try {
        const found = await this.client.booking(bookingId);
        if (found.booking.status === "claimed") this.#wait(found.booking);
        else await this.start();
      } catch {
        this.#wait(booking);
      }
    }, LOOK_AGAIN_MS);
  }
}
