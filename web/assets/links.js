/** Which addresses a card opens. A message can be forged, so only these. */

import { wallTime } from "./times.js";

const CALENDARS = new Set([
  "calendar.google.com",
  "outlook.live.com",
  "outlook.cloud.microsoft",
  "calendar.yahoo.com",
]);

/** Give the address if it may be opened: a known calendar's, or our own base URL's; else null. */
export function safeLink(address, baseUrl) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (url.username || url.password) return null;
  if (url.origin === new URL(baseUrl).origin) return address;
  return url.protocol === "https:" && CALENDARS.has(url.host) ? address : null;
}

/** Yahoo reads times as wall time of whoever opens the link, so that is what it gets. */
export function yahooLink(address, startsAt, endsAt, zone) {
  return address
    .replace(/([?&]ST=)[^&#]*/, `$1${wallTime(new Date(startsAt), zone)}`)
    .replace(/([?&]ET=)[^&#]*/, `$1${wallTime(new Date(endsAt), zone)}`);
}
