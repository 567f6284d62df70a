/** Instants as people read them: in the viewer's own time zone unless another is named. */

const TIME = { timeStyle: "short" };
const DAY = { weekday: "long", day: "numeric", month: "long" };

/** Give the time zone of whoever looks at the screen. */
export function viewerZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Give a zone's name as people write it. */
export function zoneText(zone) {
  return zone.replaceAll("_", " ");
}

/** Whether two zones show the same wall time at an instant; `Europe/Berlin` and `Europe/Paris` do. */
export function sameWall(instant, one, other) {
  return one === other || wallTime(instant, one) === wallTime(instant, other);
}

export function timeText(instant, locale, timeZone) {
  return new Intl.DateTimeFormat(locale, { ...TIME, timeZone }).format(instant);
}

export function rangeText(from, to, locale) {
  return new Intl.DateTimeFormat(locale, TIME).formatRange(from, to);
}

export function dayText(instant, locale, form = DAY) {
  return new Intl.DateTimeFormat(locale, form).format(instant);
}

export function durationText(minutes, locale) {
  const form = { style: "unit", unit: "minute", unitDisplay: "long" };
  return new Intl.NumberFormat(locale, form).format(minutes);
}

/** Give a wall time as calendars write it without a zone, such as 20261125T163000. */
export function wallTime(instant, timeZone) {
  const form = {
    timeZone,
    calendar: "iso8601",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  };
  const parts = new Intl.DateTimeFormat("en", form).formatToParts(instant);
  const part = (type) => parts.find((each) => each.type === type).value.padStart(2, "0");
  const date = part("year") + part("month") + part("day");
  return `${date}T${part("hour")}${part("minute")}${part("second")}`;
}

function midnightAfter(instant) {
  const midnight = new Date(instant);
  midnight.setHours(24, 0, 0, 0);
  return midnight;
}

/**
 * Sort free starts and busy times into the viewer's days, from the first day to the last.
 *
 * @returns {{first: Date, free: Date[], busy: [Date, Date][]}[]}
 */
export function days({ from, to, slots, busy }) {
  const found = [];
  const end = new Date(to);
  for (let first = new Date(from); first < end; first = midnightAfter(first)) {
    const last = new Date(Math.min(midnightAfter(first), end));
    const free = slots.map((slot) => new Date(slot)).filter((slot) => slot >= first && slot < last);
    const pieces = busy
      .map(([start, stop]) => [
        new Date(Math.max(new Date(start), first)),
        new Date(Math.min(new Date(stop), last)),
      ])
      .filter(([start, stop]) => start < stop);
    found.push({ first, free, busy: pieces });
  }
  return found;
}
