/**
 * Calendar scheduling in a chat: a client of the extension and the cards of its messages.
 *
 *     import { CalendarScheduling } from "https://<extension>/assets/latest/calendar-scheduling.js";
 *
 *     const client = new CalendarScheduling({ baseUrl, appId, authToken });
 *     const card = document.createElement("calendar-availability");
 *     Object.assign(card, { client, shareId: message.data.customData.shareId });
 *
 * Importing it defines `<calendar-connect>`, `<calendar-share>`, `<calendar-availability>` and
 * `<calendar-invite>`. They need no build step and load their words and style from beside this file.
 */

import { CalendarAvailability } from "./availability.js";
import { CalendarConnect } from "./connect.js";
import { CalendarInvite } from "./invite.js";
import { CalendarShare } from "./share.js";

export { CalendarScheduling, SchedulingError } from "./client.js";
export { latestInvites } from "./invite.js";
export { setWordsUrl } from "./words.js";

const ELEMENTS = {
  "calendar-availability": CalendarAvailability,
  "calendar-connect": CalendarConnect,
  "calendar-invite": CalendarInvite,
  "calendar-share": CalendarShare,
};

for (const [name, element] of Object.entries(ELEMENTS)) {
  if (!customElements.get(name)) customElements.define(name, element);
}
