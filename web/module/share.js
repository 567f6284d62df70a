/** `<calendar-share>`: offer one's free times to whom one writes, and see first what they will see. */

import { Card } from "./card.js";
import { LOST } from "./client.js";
import { make } from "./elements.js";
import { TITLE_MAX } from "./meeting.js";
import { picker } from "./picker.js";
import { durationText } from "./times.js";

/** How long a meeting may be chosen to be, and is unless another length is chosen, in minutes. */
const LENGTHS = [15, 30, 45, 60, 90];
const USUAL = 30;

export class CalendarShare extends Card {
  static properties = ["client", "receiver", "receiverName", "receiverType", "returnUrl"];
  ownCalendar = true;
  #connect;
  #connected = false;
  #typed = { title: "", duration: USUAL };
  #preview;
  #trouble;
  #day;

  async start() {
    try {
      const { state } = await this.during("card.loading", () => this.client.connection());
      this.#connected = state === "connected";
      await this.#ask();
    } catch (error) {
      this.show(() => [this.status, this.problem(error, () => this.start())]);
    }
  }

  /** The calendar's own card, within this one: the way there, and afterwards the way back. */
  #calendar() {
    if (this.#connect) return this.#connect;
    const { client, returnUrl } = this;
    this.#connect = Object.assign(document.createElement("calendar-connect"), { client, returnUrl });
    this.#connect.setAttribute("class", "inside");
    this.#connect.addEventListener("calendar-connection", ({ detail }) => {
      const connected = detail.state === "connected";
      if (connected === this.#connected) return;
      this.#connected = connected;
      this.announce(`card.connect.${detail.state}`);
      this.#ask();
    });
    return this.#connect;
  }

  async #ask(notice) {
    this.#show(notice);
    if (this.#connected) await this.#look();
  }

  #show(notice) {
    if (this.#connected) this.show(() => [this.#form(notice), this.#seen(), this.#calendar()]);
    else this.show(() => [this.status, notice, this.#calendar()]);
  }

  #form(notice) {
    const typed = this.#typed;
    const options = LENGTHS.map((minutes) => {
      const selected = minutes === typed.duration;
      return make("option", { value: minutes, selected }, durationText(minutes, this.locale));
    });
    const title = {
      name: "title",
      maxlength: TITLE_MAX,
      dir: "auto",
      placeholder: this.translation("card.share.title.placeholder"),
      value: typed.title,
      oninput: (event) => {
        typed.title = event.target.value;
        const shown = this.shadowRoot.querySelector(".preview h4");
        if (shown) shown.firstChild.textContent = this.#title();
      },
    };
    const onchange = (event) => {
      typed.duration = Number(event.target.value);
      this.#look();
    };
    const onsubmit = (event) => {
      event.preventDefault();
      if (!this.#nothingFree) this.#send();
    };
    return [
      this.heading(this.translation("card.share.heading")),
      this.paragraph("card.share.text"),
      this.status,
      notice,
      make(
        "form",
        { onsubmit },
        make("label", {}, this.translation("card.share.title"), make("input", title)),
        make("label", {}, this.translation("card.duration"), make("select", { name: "duration", onchange }, options)),
        this.#actions(),
      ),
    ];
  }

  get #nothingFree() {
    return !this.#trouble && this.#preview?.slots.length === 0;
  }

  /** Where nothing is free there is little to share, but times may still become free. */
  #actions() {
    const name = "send";
    const onclick = () => this.#send();
    const anyway = { type: "button", class: "plain", name, onclick };
    const actions = this.#nothingFree
      ? [
          this.paragraph("card.share.preview.none"),
          make("button", anyway, this.translation("card.share.anyway")),
        ]
      : make("button", { class: "main", name }, this.translation("card.share"));
    return make("div", { class: "actions", "data-none": this.#nothingFree }, actions);
  }

  // What will be seen

  #title() {
    const host = this.#preview?.host?.name ?? "";
    return this.#typed.title.trim() || this.translation("default.title", { host });
  }

  #seen() {
    const place = make("div", { class: "preview", role: "group", "aria-labelledby": "preview" });
    place.append(...this.#previewed().flat(3).filter(Boolean));
    return place;
  }

  #previewed() {
    if (this.#trouble) return [this.problem(this.#trouble, () => this.#look())];
    if (!this.#preview) return [];
    const host = this.#preview.host.name;
    const options = {
      shown: this.#day,
      onday: (key) => (this.#day = key),
      onzone: (zone) => (this.timeZone = zone),
    };
    return [
      make("p", { id: "preview", class: "kind" }, this.translation("card.share.preview")),
      make("small", {}, this.translation("card.availability.kind", { host })),
      make("h4", {}, make("bdi", {}, this.#title())),
      this.#preview.slots.length
        ? picker(this, this.#preview, options)
        : this.paragraph("card.status.full"),
      make("small", {}, this.translation("card.share.preview.text")),
    ];
  }

  async #look() {
    const { duration } = this.#typed;
    let found, trouble;
    try {
      found = await this.client.preview(duration);
    } catch (error) {
      if (LOST.includes(error.code)) return this.#lost(error);
      trouble = error;
    }
    if (duration !== this.#typed.duration) return;
    this.#preview = found;
    this.namedZone = found?.timeZone;
    this.#trouble = trouble;
    this.keepFocus(() => {
      this.shadowRoot.querySelector(".preview")?.replaceWith(this.#seen());
      const actions = this.shadowRoot.querySelector("form .actions");
      // Unless it has to change: a button that is replaced while it is pressed is not pressed.
      if (actions && actions.hasAttribute("data-none") !== this.#nothingFree) {
        actions.replaceWith(this.#actions());
      }
    });
  }

  // Sending

  async #send() {
    const { title, duration } = this.#typed;
    const request = {
      receiver: this.receiver,
      receiverType: this.receiverType ?? "user",
      durationMinutes: duration,
      title,
      locale: this.hints.locale,
    };
    try {
      const shared = await this.during("card.share.sending", () => this.client.share(request));
      this.#typed.title = "";
      this.#show();
      const receiver = this.receiverName ?? this.receiver;
      this.tell(this.translation("card.share.sent", { receiver }), "good");
      this.dispatchEvent(new CustomEvent("calendar-shared", { detail: shared, bubbles: true }));
    } catch (error) {
      if (LOST.includes(error.code)) this.#lost(error);
      else this.#show(this.problem(error, () => this.#send()));
    }
  }

  /** The chat has the last word on who may write to whom. */
  reason(error) {
    return error.code === "NOT_ALLOWED" ? this.translation("card.share.not_allowed") : super.reason(error);
  }

  #lost(error) {
    this.#connected = false;
    this.#connect?.start();
    this.#show(this.problem(error));
  }
}
