/** What all cards have in common: a shadow root, the words, the style, and how errors are told. */

import { fetchText, once } from "./files.js";
import { safeLink } from "./links.js";
import { sayer } from "./words.js";

const AGAIN_MS = 5_000;
const SHEET = new URL("./calendar-scheduling.css", import.meta.url);

async function loadStyle() {
  return new CSSStyleSheet().replace(await fetchText(SHEET));
}

/**
 * Make an element: `on*` properties listen, others are attributes; children are elements and texts.
 * Texts stay texts, so nothing that a person typed is ever read as HTML.
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== ""));
  return element;
}

/** Errors after which the same deed may succeed. */
const PASSING = new Set([
  "FAILED_TO_FETCH",
  "INTERNAL",
  "BOOKING_IN_PROGRESS",
  "TOO_MANY_REQUESTS",
  "CALENDAR_UNAVAILABLE",
  "CHAT_UNAVAILABLE",
]);

/** A card shows nothing and calls nothing until it has its `client` and somebody scrolls to it. */
export class Card extends HTMLElement {
  static properties = ["client"];
  #values = new Map();
  #begun = false;
  #shown = make("div", { class: "shown" });
  #status = make("p", { class: "status", role: "status" });
  #seen = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) this.#begin();
  });

  constructor() {
    super();
    const frame = make("section", { class: "card" }, this.#shown, this.#status);
    this.attachShadow({ mode: "open" }).append(frame);
    for (const name of new.target.properties) {
      const before = Object.getOwnPropertyDescriptor(this, name)?.value;
      Object.defineProperty(this, name, {
        configurable: true,
        get: () => this.#values.get(name),
        set: (value) => {
          this.#values.set(name, value);
          this.#watch();
        },
      });
      if (before !== undefined) this.#values.set(name, before);
    }
  }

  connectedCallback() {
    this.#watch();
  }

  disconnectedCallback() {
    this.#seen.disconnect();
  }

  /** The language of the nearest element that names one, in the form that the browser prefers. */
  get locale() {
    const named = this.closest("[lang]")?.lang || navigator.language;
    return navigator.languages.find((each) => each.startsWith(`${named}-`)) ?? named;
  }

  #watch() {
    if (this.client && this.isConnected && !this.#begun) this.#seen.observe(this);
  }

  async #begin() {
    if (this.#begun || !this.client) return;
    this.#begun = true;
    this.#seen.disconnect();
    try {
      const [say, rules] = await Promise.all([sayer(this.locale), once(SHEET.href, loadStyle)]);
      this.say = say;
      this.shadowRoot.adoptedStyleSheets = [rules];
      this.#shown.lang = this.locale;
      await this.start();
    } catch (error) {
      console.error("calendar-scheduling:", error);
      this.#begun = false;
      setTimeout(() => this.#watch(), AGAIN_MS);
    }
  }

  /** Replace what the card shows; keyboard users stay where the card is. */
  show(...nodes) {
    const hadFocus = this.shadowRoot.activeElement !== null;
    this.#shown.replaceChildren(...nodes.flat().filter(Boolean));
    if (hadFocus) this.#shown.querySelector("[data-focus]")?.focus();
  }

  /** Tell what goes on, to the eye and to screen readers. */
  tell(text = "") {
    this.#status.textContent = text;
  }

  /** The heading of a view; it takes the focus when the view changes. */
  heading(text) {
    return make("h3", { tabindex: "-1", "data-focus": true }, text);
  }

  paragraph(key, values) {
    return make("p", {}, this.say(key, values));
  }

  button(key, onclick, kind = "plain") {
    return make("button", { type: "button", class: kind, onclick }, this.say(key));
  }

  /** A link that opens beside the chat, or nothing if it may not be opened. */
  link(key, address, kind = "plain") {
    const href = safeLink(address, this.client.baseUrl);
    if (href === null) return null;
    const rel = "noopener noreferrer";
    return make("a", { class: `button ${kind}`, href, target: "_blank", rel }, this.say(key));
  }

  /** Say an error in words, with a way on: to try again, or to connect the calendar. */
  problem(error, again) {
    if (!error.code) console.error("calendar-scheduling:", error);
    const code = error.code ?? "INTERNAL";
    const known = this.say(`card.error.${code}`);
    const text = known.startsWith("card.") ? this.say("card.error.INTERNAL") : known;
    const address = error.details?.connectUrl;
    return make(
      "div",
      { class: "problem", role: "alert" },
      make("p", {}, text),
      address ? this.link("card.connect.open", address, "main") : null,
      again && PASSING.has(code) ? this.button("card.again", again) : null,
    );
  }
}

/** Let arrow keys walk through a group of buttons that is one stop of the Tab key. */
export function walkable(group, selected) {
  const buttons = [...group.querySelectorAll("button")];
  const stop = (at) => buttons.forEach((each) => (each.tabIndex = each === at ? 0 : -1));
  stop(selected ?? buttons[0]);
  group.addEventListener("keydown", (event) => {
    const from = buttons.indexOf(event.target);
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const to = { Home: 0, End: buttons.length - 1 }[event.key] ?? (by ? from + by : -1);
    if (from < 0 || !buttons[to]) return;
    event.preventDefault();
    stop(buttons[to]);
    buttons[to].focus();
  });
  return group;
}
