/**
 * The demo: a phone for the host and one for the guest, with the extension's own cards.
 *
 * Everything is real but the two vendors: the cards are those that apps embed, and they call the
 * extension's routes as alice and as bob.
 */

import { CalendarScheduling, latestInvites } from "/assets/latest/calendar-scheduling.js";
import { Chat, isNotice } from "/demo/chat.js";
import { callers, listen, tellMessage } from "/demo/wire.js";

const NAMES = { alice: "Alice", bob: "Bob" };
const LANGUAGES = {
  en: "English",
  de: "Deutsch",
  es: "Español",
  fr: "Français",
  hi: "हिन्दी",
  ar: "العربية",
};
const LOOK_AGAIN_MS = 1_000;
/** Maps, not objects: anybody may send a message of the type `constructor`. */
const STEPS = new Map([
  ["extension_calendar_availability", "share"],
  ["extension_calendar_invite", "invite"],
]);
const CARDS = new Map([
  [
    "extension_calendar_availability",
    (data) =>
      Object.assign(document.createElement("calendar-availability"), { shareId: data?.shareId }),
  ],
  [
    "extension_calendar_invite",
    (data, viewer) =>
      Object.assign(document.createElement("calendar-invite"), { customData: data, viewer }),
  ],
  [
    "extension_calendar_notice",
    (data, _viewer, message) => isNotice(message) && data?.reason === "reconnect" && connect(),
  ],
]);

function connect() {
  const returnUrl = new URL("/demo", location).href;
  return Object.assign(document.createElement("calendar-connect"), { returnUrl });
}

const seen = new Set();

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function done(step) {
  document.querySelector(`[data-step="${step}"]`)?.classList.add("done");
}

/** The browser's zone; UTC where it knows none, which Intl would refuse. */
function browsersZone() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  try {
    return Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}

class Phone {
  #messages = [];
  #shown = new Map();
  #zone = browsersZone();

  constructor(chat) {
    this.chat = chat;
    const { appId, authToken, uid, other } = chat;
    callers.set(authToken, uid);
    this.client = new CalendarScheduling({ baseUrl: location.origin, appId, authToken });
    this.root = document.getElementById("window").content.cloneNode(true).firstElementChild;
    this.part = (selector) => this.root.querySelector(selector);
    this.root.dataset.uid = uid;
    this.root.setAttribute("aria-label", `${NAMES[uid]}'s phone`);
    this.part("h2").textContent = NAMES[other];
    this.part(".whose").textContent = `${NAMES[uid]}'s phone`;
    this.part(".face").textContent = NAMES[other][0];
    this.part(".stream").setAttribute("aria-label", `Messages on ${NAMES[uid]}'s phone`);
    this.part("input").placeholder = `Message to ${NAMES[other]}`;
    this.part("input").setAttribute("aria-label", `Message to ${NAMES[other]}`);
    this.part("form").addEventListener("submit", (event) => this.#send(event));
    this.part(".offer").addEventListener("click", () => this.#toggle());
    this.#offerZones();
    this.#tick();
  }

  // The time zone of whoever holds the phone

  #offerZones() {
    const select = this.part(".zone");
    select.setAttribute("aria-label", `Time zone of ${NAMES[this.chat.uid]}`);
    const names = new Set([this.#zone, ...Intl.supportedValuesOf("timeZone")]);
    for (const name of names) select.append(new Option(name.replaceAll("_", " "), name));
    select.addEventListener("change", () => {
      this.#zone = select.value;
      for (const card of this.root.querySelectorAll("[data-card]")) card.timeZone = this.#zone;
      for (const time of this.root.querySelectorAll(".stream time")) this.#write(time);
      this.#tick();
    });
  }

  #tick() {
    clearTimeout(this.ticking);
    const clock = this.part(".clock");
    clock.dateTime = new Date().toISOString();
    this.#write(clock);
    this.ticking = setTimeout(() => this.#tick(), 10 * LOOK_AGAIN_MS);
  }

  #write(time) {
    const form = { timeStyle: "short", timeZone: this.#zone };
    time.textContent = new Date(time.dateTime).toLocaleTimeString([], form);
  }

  #card(card) {
    card.dataset.card = "";
    card.timeZone = this.#zone;
    return Object.assign(card, { client: this.client });
  }

  // The chat

  /** The panel behind the calendar button: connect a calendar, share its free times. */
  #toggle(shown = this.part(".panel").hidden) {
    const panel = this.part(".panel");
    panel.hidden = !shown;
    this.part(".offer").setAttribute("aria-expanded", String(shown));
    if (panel.hasChildNodes()) return;
    const share = this.#card(document.createElement("calendar-share"));
    share.receiver = this.chat.other;
    share.receiverName = NAMES[this.chat.other];
    share.returnUrl = new URL("/demo", location).href;
    share.addEventListener("calendar-shared", () => {
      this.#toggle(false);
      panel.replaceChildren();
      this.part(".offer").focus();
    });
    panel.append(share);
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
    for (const message of fresh) this.#tell(message);
    for (const message of fresh.filter((each) => kept.includes(each))) this.#show(message);
  }

  #tell(message) {
    if (message.category !== "custom" || seen.has(message.id)) return;
    seen.add(message.id);
    tellMessage(message);
    done("connect");
    done(STEPS.get(message.type));
    if (message.type === "extension_calendar_invite") done("book");
  }

  #show(message) {
    const mine = message.sender === this.chat.uid;
    const kind = isNotice(message) ? "notice" : mine ? "mine" : "theirs";
    const item = element("div", `message ${kind}`);
    const card = CARDS.get(message.type)?.(message.data.customData, this.chat.uid, message);
    if (card) item.append(this.#card(card));
    else item.append(Object.assign(element("p", "bubble", message.data.text), { dir: "auto" }));
    const time = element("time", "");
    time.dateTime = new Date(message.sentAt * 1000).toISOString();
    this.#write(time);
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

/** The switches above: language by another visit, colors at once. */
function offerSwitches() {
  const { lang, theme } = document.querySelector(".switches").elements;
  const asked = new URLSearchParams(location.search).get("lang");
  const chosen = Object.hasOwn(LANGUAGES, asked) ? asked : "en";
  for (const [code, name] of Object.entries(LANGUAGES)) {
    lang.append(new Option(name, code, false, code === chosen));
  }
  lang.addEventListener("change", () => location.assign(`?lang=${lang.value}`));
  theme.addEventListener("change", () => (document.documentElement.dataset.theme = theme.value));
  return chosen;
}

const lang = offerSwitches();
listen();
const phones = await Promise.all([
  Chat.as("alice", "bob").then((chat) => new Phone(chat)),
  Chat.as("bob", "alice").then((chat) => new Phone(chat)),
]);
for (const phone of phones) {
  for (const part of phone.root.querySelectorAll(".stream, .panel")) {
    Object.assign(part, { lang, dir: lang === "ar" ? "rtl" : "ltr" });
  }
  document.querySelector("aside").before(phone.root);
  phone.follow();
}
