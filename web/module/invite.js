/** `<calendar-invite>`: the card of a message of type `extension_calendar_invite`. */

import { MeetingCard } from "./meeting-card.js";

/** So says the extension of what a forged message names. */
const FORGED = ["NOT_FOUND", "NOT_ALLOWED", "INVALID_REQUEST"];

export class CalendarInvite extends MeetingCard {
  /** `customData` is the message's; `viewer` the uid of whoever looks, if known. */
  static properties = ["client", "customData", "viewer"];

  /** A newer message, or another viewer: ask again; the same once more is nothing new. */
  propertyChangedCallback(name, before) {
    const shown = (data) => JSON.stringify([data?.bookingId, data?.sequence, data?.status]);
    if (name === "viewer" && this.viewer !== before) this.start();
    if (name === "customData" && shown(this.customData) !== shown(before)) this.start();
  }

  /** Where another time is picked: nothing is offered for what has long passed. */
  onward({ shareId, startsAt }) {
    if (new Date(startsAt) <= new Date()) return null;
    return this.button("card.meeting.again", () => this.#pick(shareId));
  }

  /** The card of the share, within this one. */
  #pick(shareId) {
    const { client, timeZone } = this;
    const card = document.createElement("calendar-availability");
    card.setAttribute("class", "inside");
    Object.assign(card, { client, shareId, timeZone });
    this.startOver();
    this.show(() => [card]);
  }

  /** A message can be forged: only its id is used, and what the extension says of it is shown. */
  async start() {
    const latest = this.startOver();
    try {
      const bookingId = this.customData?.bookingId;
      const found = await this.during("card.loading", () => this.client.booking(bookingId));
      if (latest()) this.heard(found);
    } catch (error) {
      if (!latest()) return;
      const forged = FORGED.includes(error.code);
      if (forged) this.show(() => [this.paragraph("card.invite.unknown")]);
      else this.show(() => [this.problem(error, () => this.start())]);
    }
  }
}

/** Return the messages to show: of several invites to one booking, the one of the highest sequence. */
export function latestInvites(messages) {
  const latest = new Map();
  const bookingOf = (message) =>
    message.type === "extension_calendar_invite" ? message.data?.customData?.bookingId : undefined;
  const sequenceOf = (message) => {
    const { sequence } = message.data.customData;
    return Number.isInteger(sequence) ? sequence : 0;
  };
  for (const message of messages) {
    const id = bookingOf(message);
    const known = latest.get(id);
    if (id !== undefined && !(known && sequenceOf(known) > sequenceOf(message))) {
      latest.set(id, message);
    }
  }
  return messages.filter((each) => (latest.get(bookingOf(each)) ?? each) === each);
}
