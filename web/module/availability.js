/** `<calendar-availability>`: pick one of somebody's free times and book it. */

import { make } from "./elements.js";
import { ENDED, bookingForm } from "./meeting.js";
import { MeetingCard } from "./meeting-card.js";
import { picker } from "./picker.js";
import { dayText, durationText, timeText } from "./times.js";

const STALE_MS = 60_000;
const SHORT = { weekday: "short", day: "numeric", month: "short" };
/** After these the times that are shown are no longer those that there are. */
const CHANGED = ["SLOT_NOT_OFFERED", "SHARE_CLOSED", "ALREADY_BOOKED"];

export class CalendarAvailability extends MeetingCard {
  static properties = ["client"];
  static observedAttributes = ["share-id", "time-zone"];
  #view;
  #duration;
  #day;
  #loadedAt = 0;
  #choosing = false;

  get shareId() {
    return this.getAttribute("share-id");
  }

  set shareId(value) {
    this.setAttribute("share-id", typeof value === "string" ? value : "");
  }

  attributeChangedCallback(name, before, now) {
    super.attributeChangedCallback(name, before, now);
    if (name !== "share-id" || now === before || !this.translation) return;
    this.#duration = undefined;
    this.start();
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.#refreshIfStale);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.#refreshIfStale);
  }

  #refreshIfStale = () => {
    const stale = Date.now() - this.#loadedAt > STALE_MS;
    if (document.visibilityState === "visible" && this.#choosing && stale) this.start();
  };

  isHost(booking) {
    return this.#view.role === "host" && this.#view.host.uid === booking.host.uid;
  }

  /** Load the share as it is now; a notice from a failed booking stays above it. */
  async start(notice) {
    const latest = this.startOver();
    try {
      await this.during("card.loading", async () => {
        const view = await this.client.getShare(this.shareId, this.#duration);
        if (!latest()) return;
        this.#view = view;
        this.namedZone = view.timeZone;
        this.#loadedAt = Date.now();
        await this.#showView(notice, latest);
      });
    } catch (error) {
      if (!latest()) return;
      this.#choosing = false;
      this.show(() => [notice, this.problem(error, () => this.start())]);
    }
  }

  async #showView(notice, latest) {
    const { booking, role, status } = this.#view;
    const standing = booking && !ENDED.includes(booking.status);
    this.#choosing = false;
    this.ownCalendar = role === "host";
    if (standing && role !== "host") {
      const found = await this.#found(booking);
      if (latest()) this.#showBooked(found);
    } else if (role === "host") this.#showHost(notice);
    else if (status === "open") this.#showChoice(notice);
    else this.show(() => [notice, this.#top(), this.paragraph(`card.status.${status}`)]);
  }

  #found(booking) {
    return booking.status === "claimed" ? { booking } : this.client.booking(booking.bookingId);
  }

  #top() {
    const { host, title } = this.#view;
    const text = this.translation("card.availability.kind", { host: host.name });
    return [make("p", { class: "kind" }, text), this.heading(title)];
  }

  #showBooked(found) {
    this.showMeeting(found);
    if (found.booking.status === "claimed") return;
    const init = { detail: found, bubbles: true, composed: true };
    this.dispatchEvent(new CustomEvent("calendar-booked", init));
  }

  /** Word came of a booking that was waited for; one that failed leaves the choice as it is now. */
  async settled(found) {
    if (found.booking.status === "refused") {
      await this.start(make("p", { class: "problem", role: "alert" }, this.translation("card.meeting.refused")));
    } else {
      this.#showBooked(found);
    }
  }

  // The host's own view

  #showHost(notice) {
    const { receiver, status, from, to, title } = this.#view;
    const open = status === "open";
    const over = ["expired", "withdrawn"].includes(status);
    this.show(() => {
      const day = (each) => dayText(new Date(each), this.locale, this.zone, SHORT);
      return [
        notice,
        make("p", { class: "kind" }, this.translation("card.host.kind", { receiver })),
        this.heading(title),
        this.paragraph("card.host.window", { first: day(from), last: day(to) }),
        make("p", { class: open ? "state good" : "state" }, this.translation(`card.status.${status}`)),
        open ? picker(this, this.#view, this.#options()) : null,
        over ? null : this.button("card.host.withdraw", () => this.#askWithdraw()),
      ];
    });
  }

  #askWithdraw(notice) {
    this.show(() => [
      notice,
      this.heading(this.translation("card.host.sure")),
      this.paragraph("card.host.sure.text"),
      make(
        "div",
        { class: "actions" },
        this.button("card.host.withdraw", () => this.#withdraw(), "main"),
        this.button("card.back", () => this.#showHost()),
      ),
    ]);
  }

  async #withdraw() {
    try {
      await this.during("card.loading", () => this.client.withdraw(this.shareId));
      await this.start();
    } catch (error) {
      this.#askWithdraw(this.problem(error, () => this.#withdraw()));
    }
  }

  // Choosing

  #options(onpick) {
    return {
      shown: this.#day,
      onday: (key) => (this.#day = key),
      onzone: (zone) => (this.timeZone = zone),
      onpick,
    };
  }

  #showChoice(notice) {
    this.#choosing = true;
    this.show(() => [
      notice,
      this.#top(),
      this.#durations(),
      picker(this, this.#view, this.#options((at) => this.#ask(at))),
      this.button("card.refresh", () => this.#refresh(), "quiet"),
    ]);
  }

  async #refresh() {
    await this.start();
    if (this.#choosing) this.announce("card.refreshed");
  }

  #durations() {
    const { durations } = this.#view;
    const label = (minutes) => durationText(minutes, this.locale);
    if (durations.length === 1) return make("p", { class: "length" }, label(durations[0]));
    const onchange = (event) => {
      this.#duration = Number(event.target.value);
      this.start();
    };
    const options = durations.map((minutes) =>
      make("option", { value: minutes, selected: minutes === this.#minutes() }, label(minutes)),
    );
    const select = make("select", { name: "duration", onchange }, options);
    return make("label", {}, this.translation("card.duration"), select);
  }

  #minutes() {
    return this.#duration ?? this.#view.durations[0];
  }

  // Booking

  #ask(startsAt, notice, typed = { title: this.#view.title, note: "" }) {
    this.#choosing = false;
    const asked = { shareId: this.shareId, startsAt: startsAt.toISOString() };
    const request = { ...asked, durationMinutes: this.#minutes() };
    const options = {
      notice,
      typed,
      onback: () => this.#showChoice(),
      onbook: () => this.#book(startsAt, request, typed),
    };
    this.show(() => bookingForm(this, this.#view, startsAt, this.#minutes(), options));
    if (!notice) this.#hold(request, startsAt, typed);
  }

  /** Keep the time while its guest types; without that, booking itself tells who was faster. */
  async #hold(request, startsAt, typed) {
    const place = () => this.shadowRoot.querySelector(`.held[data-for="${request.startsAt}"]`);
    try {
      const { hold } = await this.client.hold(request);
      const time = timeText(new Date(hold.expiresAt), this.locale, this.zone);
      if (place()) place().textContent = this.translation("card.book.held", { time });
    } catch (error) {
      if (place() && error.code === "SLOT_TAKEN") {
        await this.#refused(error, startsAt, request, typed);
      }
    }
  }

  async #book(startsAt, request, typed) {
    const { title, note } = typed;
    const words = { title, note, ...this.hints };
    try {
      const found = await this.during("card.book.sending", () =>
        this.client.book({ ...request, ...words }),
      );
      if (request.shareId !== this.shareId) return;
      this.announce(`card.meeting.${found.booking.status}`);
      this.#showBooked(found);
    } catch (error) {
      await this.#refused(error, startsAt, request, typed);
    }
  }

  async #refused(error, startsAt, request, typed) {
    if (request.shareId !== this.shareId) return;
    if (error.code === "SLOT_TAKEN") {
      await this.start(this.instead(error, (at) => this.#ask(at, null, typed)));
    } else if (CHANGED.includes(error.code)) {
      await this.start(this.problem(error));
    } else {
      const again = () => this.#book(startsAt, request, typed);
      this.#ask(startsAt, this.problem(error, again), typed);
    }
  }
}
