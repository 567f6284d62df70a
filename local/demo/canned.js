/** Answers as the extension gives them, for a week that begins now, and a client that gives them. */

import { SchedulingError } from "/assets/latest/calendar-scheduling.js";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const STEP = 15 * MINUTE;
const midnight = Math.floor(Date.now() / DAY) * DAY;

export const ALICE = { uid: "alice", name: "Alice" };
export const BOB = { uid: "bob", name: "Bob" };

/** An instant so many days from today, at a time of day in UTC. */
export function at(day, hour, minute = 0) {
  return new Date(midnight + day * DAY + (hour * 60 + minute) * MINUTE).toISOString();
}

/** Free from 8 to 17 UTC but for three appointments each day; the weekend is busy. */
function offered(minutes) {
  const busy = [];
  for (let day = 0; day <= 7; day += 1) {
    const weekend = [0, 6].includes(new Date(at(day, 12)).getUTCDay());
    if (weekend) {
      busy.push([at(day, 0), at(day + 1, 0)]);
    } else {
      busy.push([at(day, 0), at(day, 8)], [at(day, 9 + (day % 3)), at(day, 10 + (day % 3), 30)]);
      busy.push([at(day, 14), at(day, 14, 45)], [at(day, 17), at(day + 1, 0)]);
    }
  }
  const [from, to] = [at(0, 8), at(7, 8)];
  const inside = busy.filter(([start, end]) => end > from && start < to);
  const slots = [];
  for (let start = Date.parse(from); start < Date.parse(to); start += STEP) {
    const end = start + minutes * MINUTE;
    const meets = inside.some(([one, other]) => start < Date.parse(other) && end > Date.parse(one));
    if (!meets && end <= Date.parse(to)) slots.push(new Date(start).toISOString());
  }
  return { from, to, busy: inside, slots };
}

/** An answer of `GET v1/shares/{shareId}`. */
export function share(changes = {}) {
  const minutes = changes.durations?.[0] ?? 30;
  return {
    shareId: "s1",
    host: ALICE,
    receiver: "bob",
    receiverType: "user",
    role: "guest",
    title: "Intro call",
    timeZone: "Europe/Berlin",
    truncated: false,
    stepMinutes: 15,
    durations: [30],
    status: "open",
    ...offered(minutes),
    ...changes,
  };
}

let made = 0;

/** An answer of `GET v1/bookings/{bookingId}`; each is another meeting, so that no card hears of it. */
export function booked(changes = {}) {
  made += 1;
  const times = "startdt=2026-11-24T14%3A00%3A00Z";
  return {
    booking: {
      bookingId: `b${made}`,
      shareId: "s1",
      status: "confirmed",
      sequence: 0,
      startsAt: at(2, 13),
      endsAt: at(2, 13, 30),
      timeZone: "Europe/Berlin",
      title: "Intro call",
      host: ALICE,
      guest: BOB,
      ...changes,
    },
    invite: {
      links: {
        google: "https://calendar.google.com/calendar/render?action=TEMPLATE",
        outlook: `https://outlook.live.com/calendar/0/action/compose?${times}`,
        microsoft365: `https://outlook.cloud.microsoft/calendar/deeplink/compose?${times}`,
        yahoo: "https://calendar.yahoo.com/?v=60&ST=20261124T150000&ET=20261124T153000",
        ics: `${location.origin}/v1/invites/t.ics`,
      },
    },
  };
}

/** A refusal. */
export function refusal(code, details) {
  return new SchedulingError({ code, message: code, details });
}

/** What never comes. */
export const NEVER = Symbol("never");

/** Stands where a client of the extension stands; each call's answers come in order, the last stays. */
export class CannedClient {
  baseUrl = location.origin;

  constructor(answers) {
    for (const [call, properties] of Object.entries(answers)) {
      const left = [properties].flat();
      this[call] = async () => {
        const answer = left.length > 1 ? left.shift() : left[0];
        if (answer === NEVER) return new Promise(() => {});
        if (answer instanceof Error) throw answer;
        return answer;
      };
    }
  }
}
