/** What `calendar-scheduling.js` offers to TypeScript. Times are RFC 3339 in UTC. */

export type Interval = [start: string, end: string];

export interface Person {
  uid: string;
  name: string;
}

export interface ConnectLink {
  connectUrl: string;
  expiresAt: string;
}

export type Connection =
  | { state: "none" }
  | { state: "connected" | "reconnect"; email: string; timeZone: string; connectedAt: string };

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/** How a host wants to be booked; what is left out is none. */
export interface Preferences {
  bufferBeforeMinutes?: number;
  bufferAfterMinutes?: number;
  noticeMinutes?: number;
  /** Wall times of the calendar's zone, such as `["09:00", "12:30"]`; null is at any time. */
  hours?: Partial<Record<Weekday, Interval[]>> | null;
}

/** `busy` covers everything that is not offered. */
export interface Availability {
  from: string;
  to: string;
  timeZone: string;
  busy: Interval[];
  truncated: boolean;
  stepMinutes: number;
  durations: number[];
  generatedAt: string;
  expiresAt: string;
}

/** The custom data of a message of type `extension_calendar_availability`. */
export interface AvailabilityData extends Availability {
  v: 1;
  outboxId: string;
  shareId: string;
  host: Person;
  title: string;
}

/** What a share would send now, and the starts that a guest could pick. */
export interface Preview extends Availability {
  host: Person;
  slots: string[];
}

export type ShareStatus = "open" | "full" | "expired" | "withdrawn" | "closed";

/** A share as it is now. */
export interface Share extends Availability {
  shareId: string;
  host: Person;
  receiver: string;
  receiverType: "user" | "group";
  title: string;
  role: "host" | "guest";
  slots: string[];
  status: ShareStatus;
  booking?: Booking;
}

export interface ShareRequest {
  receiver: string;
  receiverType?: "user" | "group";
  durationMinutes?: number;
  title?: string;
  locale?: string;
}

export interface Shared {
  shareId: string;
  messageId: string;
  availability: Availability;
}

export interface ShareSummary {
  shareId: string;
  receiver: string;
  receiverType: "user" | "group";
  title: string;
  status: ShareStatus;
  from: string;
  to: string;
  createdAt: string;
}

export interface Page<Item> {
  items: Item[];
  nextCursor?: string;
}

export interface PageLink {
  pageUrl: string;
  expiresAt: string;
}

export interface HoldRequest {
  shareId: string;
  startsAt: string;
  durationMinutes?: number;
}

export interface Hold {
  shareId: string;
  startsAt: string;
  endsAt: string;
  expiresAt: string;
}

export interface BookRequest extends HoldRequest {
  title?: string;
  note?: string;
  /** Hints for the words of the invite: a name that is not known is replaced (`Booked.replaced`). */
  timeZone?: string;
  locale?: string;
}

export type BookingStatus =
  | "claimed"
  | "confirmed"
  | "refused"
  | "moving"
  | "cancelling"
  | "cancelled";

export interface Booking {
  bookingId: string;
  shareId: string;
  status: BookingStatus;
  sequence: number;
  startsAt: string;
  endsAt: string;
  timeZone: string;
  title: string;
  host: Person;
  guest: Person;
}

export interface InviteLinks {
  google: string;
  outlook: string;
  microsoft365: string;
  yahoo: string;
  ics: string;
}

/** The custom data of a message of type `extension_calendar_invite`. */
export interface InviteData {
  v: 1;
  outboxId: string;
  bookingId: string;
  shareId: string;
  status: BookingStatus;
  sequence: number;
  title: string;
  startsAt: string;
  endsAt: string;
  timeZone: string;
  host: Person;
  guest: Person;
  links?: InviteLinks;
}

/** What is used instead, by the field whose value is not known. */
export interface Replaced {
  timeZone?: string;
  locale?: string;
}

/** A booking with its invite; without one while nobody knows yet what becomes of it. */
export interface Booked {
  booking: Booking;
  invite?: { links?: InviteLinks };
  /** In an answer to `book`: what is used instead of names in the request that are not known. */
  replaced?: Replaced;
}

export type ErrorCode =
  | "ALREADY_BOOKED"
  | "BOOKING_ENDED"
  | "BOOKING_IN_PROGRESS"
  | "CALENDAR_UNAVAILABLE"
  | "CHAT_UNAVAILABLE"
  | "FAILED_TO_FETCH"
  | "IDEMPOTENCY_MISMATCH"
  | "INTERNAL"
  | "INVALID_REQUEST"
  | "LINK_INVALID"
  | "NOT_ALLOWED"
  | "NOT_CONNECTED"
  | "NOT_FOUND"
  | "RECONNECT_NEEDED"
  | "SHARE_CLOSED"
  | "SLOT_NOT_OFFERED"
  | "SLOT_TAKEN"
  | "TOO_MANY_REQUESTS"
  | "UNAUTHENTICATED";

export interface ErrorDetails {
  alternatives?: string[];
  bookingId?: string;
  connectUrl?: string;
  field?: string;
  requestId?: string;
  retryAfterSeconds?: number;
  [name: string]: unknown;
}

/** A refusal in words. */
export class SchedulingError extends Error {
  constructor(error: { code: ErrorCode; message?: string; details?: ErrorDetails });
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
}

export interface Options {
  /** Where the extension is deployed; nothing else is ever called. */
  baseUrl?: string;
  appId?: string;
  authToken?: string;
}

/** RFC 3339, with an offset or Z; at most 7 days apart. */
export interface TimesRange {
  from?: string;
  to?: string;
}

/** What a meeting can be moved to. */
export interface Times {
  slots: string[];
  timeZone: string;
}

/** The extension's routes, called as CometChat.callExtension calls those of a built-in extension. */
export class CalendarScheduling {
  constructor(options?: Options);
  readonly baseUrl: string;
  connect(returnUrl?: string): Promise<ConnectLink>;
  connection(): Promise<Connection>;
  disconnect(): Promise<{ state: "none" }>;
  preferences(): Promise<Preferences>;
  setPreferences(preferences: Preferences): Promise<Preferences>;
  preview(durationMinutes?: number): Promise<Preview>;
  share(request: ShareRequest): Promise<Shared>;
  shares(cursor?: string): Promise<Page<ShareSummary>>;
  getShare(shareId: string, durationMinutes?: number): Promise<Share>;
  withdraw(shareId: string): Promise<{ shareId: string; status: "withdrawn" }>;
  page(shareId: string): Promise<PageLink>;
  hold(request: HoldRequest): Promise<{ hold: Hold }>;
  book(request: BookRequest): Promise<Booked>;
  booking(bookingId: string): Promise<Booked>;
  times(bookingId: string, range?: TimesRange): Promise<Times>;
  reschedule(bookingId: string, startsAt: string): Promise<Booked>;
  cancel(bookingId: string): Promise<Booked>;
}

/** Of several invites to one booking, keep the one of the highest sequence. */
export function latestInvites<
  Message extends { type: string; data?: { customData?: { bookingId?: string; sequence?: number } } },
>(messages: readonly Message[]): Message[];

/** Fetch the cards' words from elsewhere. */
export function setWordsUrl(wordsUrl: (locale: string) => string): void;

/** A card; it begins when it has its client and somebody scrolls to it. */
export interface CardElement extends HTMLElement {
  client: CalendarScheduling;
  /** Attribute `time-zone`: whose wall times are shown; the browser's unless set to one it knows. */
  timeZone?: string;
}

/** `<calendar-availability share-id="…">`; tells `calendar-booked`. */
export interface CalendarAvailabilityElement extends CardElement {
  /** Attribute `share-id`. */
  shareId: string;
}

/** `<calendar-invite>` */
export interface CalendarInviteElement extends CardElement {
  customData: Pick<InviteData, "bookingId"> & Partial<InviteData>;
  /** The uid of whoever looks. */
  viewer?: string;
}

/** `<calendar-share>`; tells `calendar-shared`. */
export interface CalendarShareElement extends CardElement {
  receiver: string;
  /** As the host knows them; without it they are told by their id. */
  receiverName?: string;
  receiverType?: "user" | "group";
  /** Where the connect page leads back to; one of the app's registered addresses. */
  returnUrl?: string;
}

/** `<calendar-connect>`; tells `calendar-connection`. */
export interface CalendarConnectElement extends CardElement {
  returnUrl?: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "calendar-availability": CalendarAvailabilityElement;
    "calendar-connect": CalendarConnectElement;
    "calendar-invite": CalendarInviteElement;
    "calendar-share": CalendarShareElement;
  }

  interface HTMLElementEventMap {
    "calendar-booked": CustomEvent<Booked>;
    "calendar-connection": CustomEvent<Connection>;
    "calendar-shared": CustomEvent<Shared>;
  }
}
