/** What all cards have in common: a shadow root, the words, the style, and how errors are told. */

import { LOST, OPEN_OUTCOMES } from "./client.js";
import { calendarLink, make, ownLink } from "./elements.js";
import { knownZone, MINUTE, timeText, viewerZone, zoneText } from "./times.js";
import { FALLBACK, direction, fetchText, once, spoken, translator } from "./words.js";

const AGAIN_MS = 5_000;
const WIDE_PX = 640;
const HOUR_S = 3600;
const SHEET = new URL("./calendar-scheduling.css", import.meta.url);

/** A card has room before its style is there; else all of a long history were in view at once. */
const ROOM = new CSSStyleSheet();
ROOM.replaceSync(":host { display: block; min-height: 12rem } :host([hidden]) { display: none }");

/** Set as plain properties before the module was there, these would hide what the cards have. */
const ATTRIBUTES = ["shareId", "timeZone"];

async function loadStyle() {
  return new CSSStyleSheet().replace(await fetchText(SHEET));
}

/** A card shows nothing and calls nothing until it has its `client` and somebody scrolls to it. */
export class Card extends HTMLElement {
  static properties = ["client"];
  static observedAttributes = ["time-zone"];
  /** Whether the calendar that is talked about is the viewer's own. */
  ownCalendar = false;
  /** The zone that the extension named last, for browsers that do not say their own. */
  namedZone;
  #values = new Map();
  #begun = false;
  #working = 0;
  #draw = () => [];
  #shown = make("div", { class: "shown" });
  #status = make("p", { class: "status", role: "status" });
  #announcement = make("p", { class: "unseen", role: "status" });
  #frame = make("section", { class: "card" }, this.#shown, this.#status, this.#announcement);
  #seen = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) this.#begin();
  });
  #sized = new ResizeObserver(() => this.#measure());

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).append(this.#frame);
    this.shadowRoot.adoptedStyleSheets = [ROOM];
    for (const type of ["click", "submit"]) {
      this.#frame.addEventListener(type, this.#holdBack, { capture: true });
    }
    for (const name of new.target.properties) {
      const before = Object.getOwnPropertyDescriptor(this, name)?.value;
      Object.defineProperty(this, name, {
        configurable: true,
        get: () => this.#values.get(name),
        set: (value) => {
          const old = this.#values.get(name);
          this.#values.set(name, value);
          this.#watch();
          if (this.translation) this.propertyChangedCallback(name, old);
        },
      });
      if (before !== undefined) this.#values.set(name, before);
    }
    for (const name of ATTRIBUTES.filter((each) => Object.hasOwn(this, each))) {
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
  }

  /** A property was set on a card that has begun; frameworks use their elements again. */
  propertyChangedCallback() {}

  connectedCallback() {
    this.#watch();
    this.#sized.observe(this);
  }

  disconnectedCallback() {
    this.#seen.disconnect();
    this.#sized.disconnect();
  }

  attributeChangedCallback(name, before, now) {
    if (name === "time-zone" && now !== before) this.redraw();
  }

  /** The language of the nearest element that names one, in the form that the browser prefers. */
  get locale() {
    return this.#spoken ?? FALLBACK;
  }

  get #spoken() {
    return spoken(this.closest("[lang]")?.lang);
  }

  /**
   * The zone whose wall times are shown: the browser's, unless the app or the viewer names one. If it
   * knows neither, it is that of the calendar or meeting that is talked about.
   */
  get zone() {
    return this.#ownZone ?? knownZone(this.namedZone) ?? "UTC";
  }

  get #ownZone() {
    return knownZone(this.timeZone) ?? viewerZone();
  }

  /** What the extension is told of its reader; a name that nobody gave is left out. */
  get hints() {
    const locale = this.#spoken && new Intl.Locale(this.#spoken).baseName;
    return { timeZone: this.#ownZone, locale };
  }

  /** Why times are shown in another zone than was wanted, and in which; undefined if they are not. */
  get zoneNote() {
    const zone = zoneText(this.zone);
    if (this.timeZone && !knownZone(this.timeZone)) {
      return this.translation("card.zone.unknown", { zone, name: this.timeZone });
    }
    return this.#ownZone ? undefined : this.translation("card.zone.unsaid", { zone });
  }

  get timeZone() {
    return this.getAttribute("time-zone") ?? undefined;
  }

  set timeZone(zone) {
    if (zone) this.setAttribute("time-zone", zone);
    else this.removeAttribute("time-zone");
  }

  #watch() {
    if (this.client && this.isConnected && !this.#begun) this.#seen.observe(this);
  }

  async #begin() {
    if (this.#begun || !this.client) return;
    this.#begun = true;
    this.#seen.disconnect();
    try {
      const [translate, rules] = await Promise.all([translator(this.locale), once(SHEET.href, loadStyle)]);
      this.translation = translate;
      this.shadowRoot.adoptedStyleSheets = [ROOM, rules];
      Object.assign(this.#frame, { lang: this.locale, dir: direction(this.locale) });
      this.#measure();
      await this.start();
    } catch (error) {
      console.error("calendar-scheduling:", error);
      this.#begun = false;
      setTimeout(() => this.#watch(), AGAIN_MS);
    }
  }

  #measure() {
    const wide = this.clientWidth >= WIDE_PX;
    if (wide === Boolean(this.wide)) return;
    this.wide = wide;
    this.redraw();
  }

  /** Replace what the card shows by what `draw` gives; keyboard users stay where the card is. */
  show(draw) {
    this.#draw = draw;
    this.keepFocus(() => this.#shown.replaceChildren(...draw().flat(3).filter(Boolean)));
    if (this.#shown.hasChildNodes()) {
      this.shadowRoot.adoptedStyleSheets = this.shadowRoot.adoptedStyleSheets.slice(-1);
    }
  }

  /** After a change the focus is on the control of the same name, else on the heading, else here. */
  keepFocus(change) {
    const before = this.shadowRoot.activeElement;
    change();
    if (!before || this.shadowRoot.activeElement) return;
    const same = before.name && this.#shown.querySelector(`[name="${before.name}"]`);
    const next = same || this.#shown.querySelector("[data-focus]") || this.#shown;
    if (next === this.#shown) next.tabIndex = -1;
    next.focus();
  }

  /** Show the same once more: in another zone, in other room. */
  redraw() {
    if (this.translation) this.show(this.#draw);
  }

  /** Tell what goes on, to the eye and to screen readers. */
  tell(text = "", kind = "") {
    this.#status.className = `status ${kind}`;
    this.#status.textContent = text;
  }

  /** Where that is told; a card may put it elsewhere among what it shows. */
  get status() {
    return this.#status;
  }

  /** Tell to screen readers what the eye sees anyway. */
  announce(key, values) {
    this.#announcement.textContent = this.translation(key, values);
  }

  /** Do something that takes a while: say so, and take no second click meanwhile. */
  async during(key, work) {
    this.tell(this.translation(key));
    this.#work(1);
    try {
      return await work();
    } finally {
      this.#work(-1);
      if (!this.#working) this.tell();
    }
  }

  #work(more) {
    this.#working += more;
    this.#frame.setAttribute("aria-busy", String(this.#working > 0));
  }

  #holdBack = (event) => {
    if (!this.#working) return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** The heading of a view; it takes the focus when the view changes. */
  heading(text) {
    return make("h3", { tabindex: "-1", "data-focus": true }, make("bdi", {}, text));
  }

  paragraph(key, values) {
    return make("p", {}, this.translation(key, values));
  }

  button(key, onclick, kind = "plain") {
    return make("button", { type: "button", class: kind, onclick }, this.translation(key));
  }

  /** A link into a calendar, beside the chat; nothing if it leads elsewhere. */
  link(key, address) {
    return this.#anchor(key, calendarLink(address), "plain");
  }

  /** A link to the extension itself, likewise. */
  ownLink(key, address, kind = "plain") {
    return this.#anchor(key, ownLink(address, this.client.baseUrl), kind);
  }

  #anchor(key, href, kind) {
    if (href === null) return null;
    const rel = "noopener noreferrer";
    return make("a", { class: `button ${kind}`, href, target: "_blank", rel }, this.translation(key));
  }

  /** Say what went wrong. */
  reason({ code = "INTERNAL", details = {} }) {
    const { connectUrl, retryAfterSeconds = HOUR_S } = details;
    if (LOST.includes(code) && !connectUrl && !this.ownCalendar) return this.translation("card.host.lost");
    const minute = Math.round((Date.now() + retryAfterSeconds * 1000) / MINUTE);
    const clock = timeText(new Date(minute * MINUTE), this.locale, this.zone);
    const time = this.#ownZone ? clock : `${clock} (${zoneText(this.zone)})`;
    const known = this.translation(`card.error.${code}`, { time });
    return known.startsWith("card.") ? this.translation("card.error.INTERNAL") : known;
  }

  /** Say an error in words, with a way on: to try again, or to connect the calendar. */
  problem(error, again) {
    if (!error.code) console.error("calendar-scheduling:", error);
    const { code = "INTERNAL" } = error;
    const soon = OPEN_OUTCOMES.has(code) && code !== "TOO_MANY_REQUESTS";
    const address = error.details?.connectUrl;
    return make(
      "div",
      { class: "problem", role: "alert" },
      make("p", {}, this.reason(error)),
      address ? this.ownLink("card.connect.open", address, "main") : null,
      again && soon ? this.button("card.again", again) : null,
    );
  }
}
