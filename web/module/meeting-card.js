/** What cards of a meeting do: show how it stands, move it, cancel it. */

import { Card } from "./card.js";
import { make } from "./elements.js";
import { meetingFacts, standing, when, whenText } from "./meeting.js";
import { picker } from "./picker.js";
import { dayText, MINUTE, timeText } from "./times.js";

const WAIT_MS = 5_000;
/** Nobody knows yet what becomes of it. */
const OPEN = ["claimed", "moving", "cancelling"];

/** Cards of one page tell each other what they hear of a meeting, so that none shows an old time. */
const news = new EventTarget();

/** By booking, the zone of an invite whose guest named one that the extension did not know. */
const inviteZones = new Map();

export class MeetingCard extends Card {
  #timer;
  #day;
  #found;
  #begun;

  connectedCallback() {
    super.connectedCallback();
    news.addEventListener("meeting", this.#hear);
    if (OPEN.includes(this.#found?.booking.status)) this.#lookLater();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    news.removeEventListener("meeting", this.#hear);
    clearTimeout(this.#timer);
  }

  /** Begin again, with nothing to wait for; gives a function that says whether nobody did so since. */
  startOver() {
    const mine = {};
    clearTimeout(this.#timer);
    this.#found = undefined;
    this.#begun = mine;
    return () => this.#begun === mine;
  }

  #hear = ({ detail }) => {
    const [mine, theirs] = [this.#found?.booking, detail.booking];
    const same = mine?.bookingId === theirs.bookingId;
    const newer = theirs.sequence > mine?.sequence || theirs.status !== mine?.status;
    if (same && newer && theirs.sequence >= mine.sequence) this.showMeeting(detail);
  };

  /** Show what the extension has just told of a meeting, here and in the other cards of the page. */
  heard(found) {
    this.showMeeting(found);
    news.dispatchEvent(new CustomEvent("meeting", { detail: found }));
  }

  /** Whether the viewer is the one whose calendar it is. */
  isHost(booking) {
    return this.viewer === booking.host.uid;
  }

  /** Show a meeting as an answer of the extension tells it. */
  showMeeting(found, notice) {
    const { booking, replaced } = found;
    const host = this.isHost(booking);
    this.#found = found;
    this.namedZone = booking.timeZone;
    if (replaced?.timeZone) inviteZones.set(booking.bookingId, replaced.timeZone);
    this.ownCalendar = host;
    clearTimeout(this.#timer);
    if (OPEN.includes(booking.status)) {
      this.#wait(booking);
    } else if (booking.status === "confirmed") {
      const zone = inviteZones.get(booking.bookingId);
      this.show(() => [notice, standing(this, found, host, zone), this.#actions(found)]);
    } else {
      const key = `card.meeting.${booking.status}`;
      const kind = booking.status === "cancelled" && host ? "host" : "text";
      this.show(() => [
        notice,
        meetingFacts(this, booking, key, `${key}.${kind}`),
        host ? null : this.onward(booking),
      ]);
    }
  }

  /** The way on from a meeting that does not take place, for whoever was its guest. */
  onward() {
    return this.button("card.meeting.again", () => this.start());
  }

  /** Nobody knows yet whether the calendar took it: look again until somebody does. */
  #wait(booking) {
    const key = `card.meeting.${booking.status}`;
    this.show(() => meetingFacts(this, booking, key, `${key}.text`));
    this.#lookLater();
  }

  /** A card that was moved in its page goes on waiting; one that was taken out does not. */
  #lookLater() {
    clearTimeout(this.#timer);
    if (this.isConnected) this.#timer = setTimeout(() => this.#look(this.#found), WAIT_MS);
  }

  async #look(waiting) {
    try {
      const found = await this.client.booking(waiting.booking.bookingId);
      if (this.#found !== waiting) return;
      this.announce(`card.meeting.${found.booking.status}`);
      await this.settled(found);
    } catch {
      if (this.#found === waiting) this.#lookLater();
    }
  }

  /** What comes after waiting; a card that has something else to show then says so. */
  async settled(found) {
    this.heard(found);
  }

  #actions(found) {
    if (new Date(found.booking.startsAt) <= new Date()) return null;
    return make(
      "div",
      { class: "actions change" },
      this.button("card.meeting.move", () => this.#askMove(found), "quiet"),
      this.button("card.meeting.cancel", () => this.#askCancel(found), "quiet"),
    );
  }

  // Cancelling

  #askCancel(found, notice) {
    this.#found = undefined;
    const { host, startsAt, endsAt } = found.booking;
    this.show(() => [
      notice,
      this.heading(this.translation("card.meeting.cancel.sure")),
      when(this, startsAt, endsAt),
      this.paragraph("card.meeting.cancel.text", { host: host.name }),
      make(
        "div",
        { class: "actions" },
        this.button("card.meeting.cancel.yes", () => this.#cancel(found), "main"),
        this.button("card.meeting.cancel.no", () => this.showMeeting(found)),
      ),
    ]);
  }

  async #cancel(found) {
    const { bookingId } = found.booking;
    try {
      const ended = await this.during("card.meeting.cancel.sending", () =>
        this.client.cancel(bookingId),
      );
      this.announce(`card.meeting.${ended.booking.status}`);
      this.heard(ended);
    } catch (error) {
      await this.#refused(found, error, (notice) => this.#askCancel(found, notice), () =>
        this.#cancel(found),
      );
    }
  }

  // Moving

  async #askMove(found, notice) {
    const { startsAt, endsAt } = found.booking;
    let view;
    this.#found = undefined;
    try {
      view = await this.during("card.loading", () => this.#others(found.booking));
    } catch (error) {
      await this.#refused(
        found,
        error,
        (notice) => this.showMeeting(found, notice),
        () => this.#askMove(found),
      );
      return;
    }
    const options = {
      onday: (key) => (this.#day = key),
      onpick: (at) => this.#confirmMove(found, at),
      onzone: (zone) => (this.timeZone = zone),
    };
    const none = this.translation("card.move.none");
    this.show(() => [
      notice,
      this.heading(this.translation("card.meeting.move")),
      this.paragraph("card.move.now", { when: whenText(this, startsAt, endsAt) }),
      view.slots.length ? picker(this, view, { ...options, shown: this.#day }) : make("p", {}, none),
      this.button("card.back", () => this.showMeeting(found), "quiet"),
    ]);
  }

  /** Return the times to which a meeting can be moved, over the days on which they lie. */
  async #others({ bookingId, startsAt, endsAt, host }) {
    const length = new Date(endsAt) - new Date(startsAt);
    const { slots, timeZone } = await this.client.times(bookingId).catch((error) => {
      if (error.code === "SHARE_CLOSED") return { slots: [] };
      throw error;
    });
    const others = slots.filter((slot) => Date.parse(slot) !== Date.parse(startsAt));
    const to = others.length && new Date(Date.parse(others.at(-1)) + length);
    return { host, timeZone, slots: others, busy: [], from: others[0], to };
  }

  #confirmMove(found, at, notice) {
    const { startsAt, endsAt } = found.booking;
    const until = new Date(at.getTime() + (new Date(endsAt) - new Date(startsAt)));
    this.show(() => [
      notice,
      this.heading(this.translation("card.meeting.move")),
      when(this, at, until),
      this.paragraph("card.move.now", { when: whenText(this, startsAt, endsAt) }),
      make(
        "div",
        { class: "actions" },
        this.button("card.move", () => this.#move(found, at), "main"),
        this.button("card.back", () => this.#askMove(found)),
      ),
    ]);
  }

  async #move(found, at) {
    const { bookingId } = found.booking;
    try {
      const moved = await this.during("card.move.sending", () =>
        this.client.reschedule(bookingId, at.toISOString()),
      );
      const { status } = moved.booking;
      this.announce(`card.meeting.${status === "confirmed" ? "moved" : status}`);
      this.heard(moved);
    } catch (error) {
      if (["SLOT_TAKEN", "SLOT_NOT_OFFERED"].includes(error.code)) {
        await this.#askMove(found, this.instead(error, (other) => this.#confirmMove(found, other)));
      } else {
        await this.#refused(found, error, (notice) => this.#confirmMove(found, at, notice), () =>
          this.#move(found, at),
        );
      }
    }
  }

  /** After a refusal the meeting is shown as it is now, unless the same may be tried again. */
  async #refused(found, error, ask, again) {
    if (error.code !== "BOOKING_ENDED") {
      ask(this.problem(error, again));
      return;
    }
    const now = await this.client.booking(found.booking.bookingId).catch(() => found);
    this.showMeeting(now, this.problem(error));
  }

  /** Say that a time is taken, and offer the next free ones. */
  instead(error, onpick) {
    const notice = this.problem(error);
    const buttons = (error.details.alternatives ?? []).map((start) => {
      const at = new Date(start);
      const day = dayText(at, this.locale, this.zone, { weekday: "short", day: "numeric" });
      const text = `${day}, ${timeText(at, this.locale, this.zone)}`;
      return make("button", { type: "button", class: "slot", onclick: () => onpick(at) }, text);
    });
    if (buttons.length) {
      notice.append(this.paragraph("card.alternatives"), make("div", { class: "actions" }, buttons));
    }
    return notice;
  }
}
