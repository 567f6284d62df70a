/**
 * The demo: a chat window for the host and one for the guest, with the extension's own cards.
 *
 * Everything is real but the two vendors: the cards are those that apps embed, and they call the
 * extension's routes as alice and as bob.
 */

import { CalendarScheduling, latestInvites } from "/assets/latest/calendar-scheduling.js";
import { Chat } from "/demo/chat.js";

const NAMES = { alice: "Alice", bob: "Bob" };
const LOOK_AGAIN_MS = 1_000;
const CARDS = {
  extension_calendar_availability: (data) =>
    Object.assign(document.createElement("calendar-availability"), { shareId: data.shareId }),
  extension_calendar_invite: (data, viewer) =>
    Object.assign(document.createElement("calendar-invite"), { customData: data, viewer }),
};

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

class ChatWindow {
  #messages = [];
  #shown = new Map();

  constructor(chat) {
    this.chat = chat;
    const { appId, authToken } = chat;
    this.client = new CalendarScheduling({ baseUrl: location.origin, appId, authToken });
    this.root = document.getElementById("window").content.cloneNode(true).firstElementChild;
    this.part = (selector) => this.root.querySelector(selector);
    this.root.dataset.uid = chat.uid;
    this.part("h2").textContent = NAMES[chat.uid];
    this.part(".face").textContent = NAMES[chat.uid][0];
    this.part(".stream").setAttribute("aria-label", `Messages of ${NAMES[chat.uid]}`);
    this.part("input").placeholder = `Message to ${NAMES[chat.other]}`;
    this.part("input").setAttribute("aria-label", `Message to ${NAMES[chat.other]}`);
    this.part("form").addEventListener("submit", (event) => this.#send(event));
    this.part(".offer").addEventListener("click", () => this.#toggle());
  }

  /** The panel behind the button: connect a calendar, share its free times. */
  #toggle() {
    const panel = this.part(".panel");
    panel.hidden = !panel.hidden;
    this.part(".offer").setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hasChildNodes()) return;
    const { client, chat } = this;
    const returnUrl = new URL("/demo", location).href;
    const connect = Object.assign(document.createElement("calendar-connect"), { client, returnUrl });
    const share = Object.assign(document.createElement("calendar-share"), {
      client,
      receiver: chat.other,
    });
    share.addEventListener("calendar-shared", () => this.#toggle());
    panel.append(connect, share);
  }

  async #send(event) {
    event.preventDefault();
    const { text } = event.target.elements;
    const typed = text.value.trim();
    if (!typed) return;
    await this.chat.send(typed);
    event.target.reset();
    await this.look();
  }

  /** Show what is new, and keep doing so. */
  async follow() {
    try {
      await this.look();
      this.root.classList.remove("offline");
    } catch {
      this.root.classList.add("offline");
    }
    setTimeout(() => this.follow(), LOOK_AGAIN_MS);
  }

  async look() {
    const news = await this.chat.news();
    const known = new Set(this.#messages.map((each) => each.id));
    const fresh = news.filter((each) => !known.has(each.id));
    if (!fresh.length) return;
    this.#messages.push(...fresh);
    const kept = latestInvites(this.#messages);
    for (const message of this.#messages) {
      if (!kept.includes(message)) this.#shown.get(message.id)?.remove();
    }
    for (const message of fresh.filter((each) => kept.includes(each))) this.#show(message);
  }

  #show(message) {
    const mine = message.sender === this.chat.uid;
    const kind = { extension_calendar_notice: "notice" }[message.type] ?? (mine ? "mine" : "theirs");
    const item = element("li", kind);
    const card = CARDS[message.type]?.(message.data.customData, this.chat.uid);
    if (card) item.append(Object.assign(card, { client: this.client }));
    else item.append(element("p", "bubble", message.data.text));
    const sent = new Date(message.sentAt * 1000);
    const time = element("time", "", sent.toLocaleTimeString([], { timeStyle: "short" }));
    time.dateTime = sent.toISOString();
    item.append(time);
    this.#shown.set(message.id, item);
    const stream = this.part(".stream");
    stream.append(item);
    this.#keepInView(stream, item);
  }

  /** A card grows while it loads; the newest message stays in view until somebody scrolls. */
  #keepInView(stream, item) {
    const down = () => stream.scrollTo({ top: stream.scrollHeight });
    const growing = new ResizeObserver(down);
    growing.observe(item);
    down();
    setTimeout(() => growing.disconnect(), 3 * LOOK_AGAIN_MS);
  }
}

const windows = await Promise.all([
  Chat.as("alice", "bob").then((chat) => new ChatWindow(chat)),
  Chat.as("bob", "alice").then((chat) => new ChatWindow(chat)),
]);
for (const each of windows) {
  document.querySelector("main").append(each.root);
  each.follow();
}
