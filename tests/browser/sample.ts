// How an app uses the module, in TypeScript: what is wrong on purpose says so.
import {
  CalendarScheduling,
  SchedulingError,
  latestInvites,
  setWordsUrl,
} from "./calendar-scheduling.js";
import type { Booked, InviteData } from "./calendar-scheduling.js";

const client = new CalendarScheduling({ baseUrl: "https://e.example", appId: "a", authToken: "t" });
setWordsUrl((locale) => `/words/${locale}.json`);

const card = document.createElement("calendar-availability");
Object.assign(card, { client, shareId: "s1" });
card.timeZone = "Asia/Tokyo";
card.addEventListener("calendar-booked", (event) => {
  const found: Booked = event.detail;
  console.log(found.booking.startsAt.length, found.invite?.links?.ics, found.replaced?.timeZone);
});

const sharing = document.createElement("calendar-share");
sharing.receiver = "bob";
sharing.receiverType = "group";
// @ts-expect-error: there are users and groups.
sharing.receiverType = "team";

interface Message {
  id: string;
  type: string;
  data: { customData?: InviteData };
}

export function shown(messages: Message[]): string[] {
  return latestInvites(messages).map((each) => each.id);
}

export async function move(bookingId: string): Promise<string> {
  try {
    const { booking } = await client.reschedule(bookingId, "2026-11-24T14:00:00Z");
    return booking.status;
  } catch (error) {
    if (error instanceof SchedulingError && error.code === "SLOT_TAKEN") {
      return error.details.alternatives?.[0] ?? "";
    }
    throw error;
  }
}

export async function connected(): Promise<string> {
  const connection = await client.connection();
  // @ts-expect-error: nobody has an address before connecting.
  const email: string = connection.email;
  return connection.state === "none" ? email : connection.email;
}
