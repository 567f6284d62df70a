/** `<calendar-share>`: offer one's free times to whom one writes. */

import { Card, make } from "./card.js";
import { durationText } from "./times.js";

const LENGTHS = [15, 30, 45, 60, 90];

export class CalendarShare extends Card {
  static properties = ["client", "receiver", "receiverType"];

  async start() {
    this.#ask();
  }

  #ask(notice, typed = {}) {
    const options = LENGTHS.map((minutes) => {
      const selected = minutes === (typed.durationMinutes ?? 30);
      return make("option", { value: minutes, selected }, durationText(minutes, this.locale));
    });
    const onsubmit = (event) => {
      event.preventDefault();
      const form = new FormData(event.target);
      this.#send({
        receiver: this.receiver,
        receiverType: this.receiverType ?? "user",
        durationMinutes: Number(form.get("duration")),
        title: form.get("title"),
        locale: this.locale,
      });
    };
    const placeholder = this.say("card.share.title.placeholder");
    const title = make("input", {
      name: "title",
      maxlength: 200,
      placeholder,
      value: typed.title ?? "",
    });
    this.show(
      this.heading(this.say("card.share.heading")),
      this.paragraph("card.share.text"),
      notice,
      make(
        "form",
        { onsubmit },
        make("label", {}, this.say("card.share.title"), title),
        make("label", {}, this.say("card.duration"), make("select", { name: "duration" }, options)),
        make("div", { class: "deeds" }, make("button", { class: "main" }, this.say("card.share"))),
      ),
    );
  }

  async #send(request) {
    this.shadowRoot.querySelectorAll("button").forEach((each) => (each.disabled = true));
    this.tell(this.say("card.share.sending"));
    try {
      const shared = await this.client.share(request);
      this.#ask();
      this.tell(this.say("card.share.sent"));
      this.dispatchEvent(new CustomEvent("calendar-shared", { detail: shared, bubbles: true }));
    } catch (error) {
      this.tell();
      this.#ask(this.problem(error, () => this.#send(request)), request);
    }
  }
}
