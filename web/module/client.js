/**
 * The extension's routes, called as CometChat.callExtension calls those of a built-in extension.
 *
 * With an `authToken` the caller is a chat user; without one it is the booking page, where a
 * session cookie says who calls.
 */

/** A refusal in words: `code` for programs, `message` for people, `details` for what comes next. */
export class SchedulingError extends Error {
  constructor({ code, message, details }) {
    super(message ?? code);
    this.name = "SchedulingError";
    this.code = code;
    this.details = details ?? {};
  }
}

/** After these the same request may succeed; nobody knows what became of it, so its key stays. */
export const OPEN_OUTCOMES = new Set([
  "FAILED_TO_FETCH",
  "INTERNAL",
  "BOOKING_IN_PROGRESS",
  "TOO_MANY_REQUESTS",
  "CALENDAR_UNAVAILABLE",
  "CHAT_UNAVAILABLE",
]);

/** There is no calendar, or none any more; whose it is has a way to connect it. */
export const LOST = ["NOT_CONNECTED", "RECONNECT_NEEDED"];

/** A little longer than the slowest answer of the extension. */
const TIMEOUT_MS = 35_000;

export class CalendarScheduling {
  #headers;
  #credentials;
  #keys = new Map();

  /**
   * @param {{baseUrl?: string, appId?: string, authToken?: string}} options `baseUrl` is where the
   *   extension is deployed; nothing else is ever called, whatever a message says.
   */
  constructor({ baseUrl = location.origin, appId, authToken } = {}) {
    this.baseUrl = new URL(baseUrl).href.replace(/\/+$/, "");
    this.#headers = { Accept: "application/json", "Content-Type": "application/json" };
    if (authToken) {
      Object.assign(this.#headers, { appId, authToken });
    } else {
      this.#headers["X-Requested-With"] = "calendar-scheduling";
    }
    this.#credentials = authToken ? "omit" : "same-origin";
  }

  /** Get a one-time link to the page where the caller connects a calendar. */
  connect(returnUrl) {
    return this.#post("v1/connect", returnUrl ? { returnUrl } : {});
  }

  /** Ask whether the caller has a calendar connected, and which. */
  connection() {
    return this.#call("GET", "v1/connection");
  }

  /** Take the caller's calendar away from the extension. */
  disconnect() {
    return this.#post("v1/disconnect");
  }

  /** Look at how the caller wants to be booked: buffers, notice, hours. */
  preferences() {
    return this.#call("GET", "v1/preferences");
  }

  /** Say how the caller wants to be booked; what is left out is none. */
  setPreferences(preferences) {
    return this.#call("PUT", "v1/preferences", preferences);
  }

  /** Look at what `share` would send, without sending it. */
  preview(durationMinutes) {
    return this.#call("GET", `v1/preview${query({ durationMinutes })}`);
  }

  /** Send the caller's free times: `receiver`, `receiverType`, `durationMinutes`, `title`, `locale`. */
  share(request) {
    return this.#post("v1/share", request);
  }

  /** List the caller's own shares, a page at a time. */
  shares(cursor) {
    return this.#call("GET", `v1/shares${query({ cursor })}`);
  }

  /** Look at a share as it is now. */
  async getShare(shareId, durationMinutes) {
    return this.#call("GET", `v1/shares/${named(shareId)}${query({ durationMinutes })}`);
  }

  /** End a share of the caller's; meetings that were booked stay. */
  async withdraw(shareId) {
    return this.#post(`v1/shares/${named(shareId)}/withdraw`);
  }

  /** Get a one-time link to the booking page of a share. */
  async page(shareId) {
    return this.#post(`v1/shares/${named(shareId)}/page`);
  }

  /** Book: `shareId`, `startsAt`, `durationMinutes`, `title`, `note`, `timeZone`, `locale`. */
  book(request) {
    return this.#post("v1/book", request);
  }

  /** Keep a time for five minutes while its guest types: `shareId`, `startsAt`, `durationMinutes`. */
  hold(request) {
    return this.#post("v1/hold", request);
  }

  /** Look at what a meeting can be moved to: `from` and `to` are instants, the next 7 days if left out. */
  async times(bookingId, { from, to } = {}) {
    return this.#call("GET", `v1/bookings/${named(bookingId)}/times${query({ from, to })}`);
  }

  /** Move a meeting to another time of its share; for its host and its guest. */
  async reschedule(bookingId, startsAt) {
    return this.#post(`v1/bookings/${named(bookingId)}/reschedule`, { startsAt });
  }

  /** Cancel a meeting; for its host and its guest. */
  async cancel(bookingId) {
    return this.#post(`v1/bookings/${named(bookingId)}/cancel`);
  }

  /** Look at a booking as it is now; for its host and its guest. */
  async booking(bookingId) {
    return this.#call("GET", `v1/bookings/${named(bookingId)}`);
  }

  /** The same intent keeps its key until its outcome is known, so that a retry does nothing twice. */
  async #post(path, body = {}) {
    const intent = JSON.stringify([path, body]);
    const idempotencyKey = this.#keys.get(intent) ?? crypto.randomUUID();
    this.#keys.set(intent, idempotencyKey);
    try {
      const data = await this.#call("POST", path, { idempotencyKey, ...body });
      this.#keys.delete(intent);
      return data;
    } catch (error) {
      if (!OPEN_OUTCOMES.has(error.code)) this.#keys.delete(intent);
      throw error;
    }
  }

  async #call(method, path, body) {
    let answer;
    try {
      const response = await fetch(`${this.baseUrl}/${path}`, {
        method,
        headers: this.#headers,
        credentials: this.#credentials,
        cache: "no-store",
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      answer = await response.json();
    } catch (cause) {
      throw unreachable(cause.message);
    }
    if (answer?.data !== undefined) return answer.data;
    throw answer?.error ? new SchedulingError(answer.error) : unreachable("No data, no error.");
  }
}

/** Return an id as part of a path; what has not our form, as in a forged message, names nothing. */
function named(id) {
  if (typeof id === "string" && /^\w{1,64}$/.test(id)) return id;
  throw new SchedulingError({ code: "NOT_FOUND" });
}

function unreachable(message) {
  return new SchedulingError({ code: "FAILED_TO_FETCH", message });
}

function query(values) {
  const named = Object.entries(values).filter(([, value]) => value !== undefined);
  return named.length ? `?${new URLSearchParams(named)}` : "";
}
