/**
 * Instants as people read them, always in a named time zone.
 *
 * Words are of the page's language; the clock has 12 or 24 hours as the browser's own language has it
 * (`navigator.language`): a page in English says `15:00` in a German browser.
 *
 * Zones come from others, with newer names than this browser has or in forms that it does not read:
 * `knownZone` says which can be shown, and only those may come to the functions that show times.
 */

import { browserTags } from "./words.js";

const DAY = { weekday: "long", day: "numeric", month: "long" };
const OFFSET = { timeZoneName: "shortOffset" };
const WALL = {
  numberingSystem: "latn",
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
};
/** In milliseconds. */
export const MINUTE = 60_000;
/** Clocks everywhere differ by whole quarters of an hour. */
const QUARTER = 15 * MINUTE;
const DAY_LENGTH = 24 * 60 * MINUTE;
/** No day is longer, and no zone turns its clock at a fraction of a minute. */
const LONGEST_DAY = 50 * 60;

const formats = new Map();

/** Formats are dear to make, so each is made once; days are those of the calendars we book in. */
function format(locale, form, timeZone) {
  const key = JSON.stringify([locale, form, timeZone]);
  if (!formats.has(key)) {
    const options = { ...form, timeZone, calendar: "gregory" };
    formats.set(key, new Intl.DateTimeFormat(locale, options));
  }
  return formats.get(key);
}

/** Browsers keep names that the places themselves gave up. */
const RENAMED = {
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "America/Godthab": "America/Nuuk",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Europe/Kiev": "Europe/Kyiv",
};

/** Whether the browser can show a zone's times, by its name. */
const readable = new Map();

function isReadable(zone) {
  if (!readable.has(zone)) {
    try {
      // Some browsers show UTC for the name by which they say that they know no zone.
      readable.set(zone, Boolean(zone) && zone !== "Etc/Unknown" && !!format("en", WALL, zone));
    } catch {
      readable.set(zone, false);
    }
  }
  return readable.get(zone);
}

/** Return a zone by the name it has today, if the browser knows that one. */
function today(zone) {
  return isReadable(RENAMED[zone]) ? RENAMED[zone] : zone;
}

/** Return a zone, by the name it has today, whose times this browser can show; else undefined. */
export function knownZone(zone) {
  return isReadable(zone) ? today(zone) : undefined;
}

/** Return the time zone of whoever looks at the screen; undefined if the browser does not say it. */
export function viewerZone() {
  return knownZone(Intl.DateTimeFormat().resolvedOptions().timeZone);
}

/** Return the zones that there are to choose from: known ones first, and one that is among them. */
export function zones(first, chosen) {
  const known = Intl.supportedValuesOf?.("timeZone") ?? [];
  return [...new Set([...first, "UTC", ...known, chosen].map(today))];
}

/** Return a zone's name as people write it. */
export function zoneText(zone) {
  return (today(zone) ?? "").replaceAll("_", " ");
}

/** Whether two zones show the same wall time at these instants; Berlin and Paris do. */
export function sameWall(one, other, ...instants) {
  const same = (instant) => wallTime(instant, one) === wallTime(instant, other);
  return one === other || instants.every(same);
}

/** Return the form of a time of day, by the browser's own clock. */
function clock() {
  const own = format(browserTags()[0], { hour: "numeric" }, "UTC");
  return { timeStyle: "short", hourCycle: own.resolvedOptions().hourCycle };
}

/** Return a full hour as a clock shows it. */
export function hourText(hour, locale) {
  return timeText(new Date(Date.UTC(2000, 0, 1, hour)), locale, "UTC");
}

/** Return a time of day; one that clocks show twice with its offset, as in `1:00 AM (GMT-7)`. */
export function timeText(instant, locale, timeZone) {
  const time = format(locale, clock(), timeZone).format(instant);
  if (!isShownTwice(instant, timeZone)) return time;
  const parts = format(locale, OFFSET, timeZone).formatToParts(instant);
  return `${time} (${parts.find(({ type }) => type === "timeZoneName").value})`;
}

/** From one time of day to another; past midnight too, where `Intl` would name both dates. */
export function rangeText(from, to, locale, timeZone) {
  const twice = isShownTwice(from, timeZone) || isShownTwice(to, timeZone);
  if (!twice && dateOf(from, timeZone) === dateOf(to, timeZone)) {
    return format(locale, clock(), timeZone).formatRange(from, to);
  }
  return `${timeText(from, locale, timeZone)}–${timeText(to, locale, timeZone)}`;
}

export function dayText(instant, locale, timeZone, form = DAY) {
  return format(locale, form, timeZone).format(instant);
}

export function durationText(minutes, locale) {
  const form = { style: "unit", unit: "minute", unitDisplay: "long" };
  return new Intl.NumberFormat(locale, form).format(minutes);
}

/** Return a wall time as calendars write it without a zone, such as 20261125T163000. */
export function wallTime(instant, timeZone) {
  const parts = format("en", WALL, timeZone).formatToParts(instant);
  const part = (type) => parts.find((each) => each.type === type).value.padStart(2, "0");
  const date = part("year").padStart(4, "0") + part("month") + part("day");
  return `${date}T${part("hour")}${part("minute")}${part("second")}`;
}

/** By how much the clocks of a zone are turned back around a UTC day, by zone and day. */
const turns = new Map();

/** Return by how many milliseconds clocks are turned back around an instant's UTC day. */
function turnedBack(instant, timeZone) {
  const day = Math.floor(instant / DAY_LENGTH);
  const key = `${timeZone} ${day}`;
  if (!turns.has(key)) {
    const [before, after] = [day - 1, day + 2].map((each) => offsetOf(each * DAY_LENGTH, timeZone));
    turns.set(key, before - after);
  }
  return turns.get(key);
}

/** Return by how many milliseconds the clocks of a zone are ahead of UTC. */
export function offsetOf(instant, timeZone) {
  const pattern = /(....)(..)(..T..)(..)(..)/;
  return Date.parse(wallTime(instant, timeZone).replace(pattern, "$1-$2-$3:$4:$5Z")) - instant;
}

/** Whether clocks show the time of an instant once more, because they are turned back. */
function isShownTwice(instant, timeZone) {
  const back = turnedBack(instant, timeZone);
  if (back <= 0) return false;
  const shown = wallTime(instant, timeZone);
  return [-back, back].some((by) => wallTime(instant.getTime() + by, timeZone) === shown);
}

/** Return the date of an instant in a zone, such as 20261125: it names and orders days. */
export function dateOf(instant, timeZone) {
  return wallTime(instant, timeZone).slice(0, 8);
}

/** Return the hour of the wall clock, 0 to 23. */
export function hourOf(instant, timeZone) {
  return Number(wallTime(instant, timeZone).slice(9, 11));
}

/** Return the first instant of the next date in a zone; a day need not begin at midnight. */
export function nextDay(instant, timeZone) {
  const today = dateOf(instant, timeZone);
  const start = Math.floor(instant.getTime() / MINUTE);
  let [before, after] = [start, start + LONGEST_DAY];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dateOf(new Date(middle * MINUTE), timeZone) > today) after = middle;
    else before = middle;
  }
  return new Date(after * MINUTE);
}

/**
 * Sort free starts and busy times into the days of a zone, from the first day to the last.
 *
 * @returns {{first: Date, last: Date, free: Date[], busy: [Date, Date][]}[]} half-open days
 */
export function days({ from, to, slots, busy }, timeZone) {
  const found = [];
  const end = new Date(to);
  for (let first = new Date(from); first < end; first = nextDay(first, timeZone)) {
    const last = new Date(Math.min(nextDay(first, timeZone), end));
    const free = slots.map((slot) => new Date(slot)).filter((slot) => slot >= first && slot < last);
    found.push({ first, last, free, busy: clipped(busy, first, last) });
  }
  return found;
}

/**
 * Cut a day where the hour of the wall clock changes. Where clocks are turned, an hour is missing,
 * or is longer.
 *
 * @returns {{hour: number, first: Date, last: Date, free: Date[], busy: [Date, Date][]}[]}
 */
export function hours({ first, last, free, busy }, timeZone) {
  const found = [];
  for (let from = first; from < last; ) {
    const hour = hourOf(from, timeZone);
    let to = from;
    do {
      to = new Date((Math.floor(to / QUARTER) + 1) * QUARTER);
    } while (to < last && hourOf(to, timeZone) === hour);
    if (to > last) to = last;
    found.push({
      hour,
      first: from,
      last: to,
      free: free.filter((slot) => slot >= from && slot < to),
      busy: clipped(busy, from, to),
    });
    from = to;
  }
  return found;
}

function clipped(busy, first, last) {
  return busy
    .map(([start, stop]) => [
      new Date(Math.max(new Date(start), first)),
      new Date(Math.min(new Date(stop), last)),
    ])
    .filter(([start, stop]) => start < stop);
}
