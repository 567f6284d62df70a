/** `<calendar-connect>`: whether one's calendar is connected, and the way to the page for it. */

import { Card } from "./card.js";
import { OPEN_OUTCOMES } from "./client.js";
import { make, ownLink } from "./elements.js";
import { zoneText } from "./times.js";

const LOOK_AGAIN_MS = 3_000;
/** As long as a link to the page and the session behind it may take: 10 minutes, and 30 more. */
const LOOK_FOR_MS = 40 * 60_000;

export class CalendarConnect extends Card {
  static properties = ["client", "returnUrl"];
  ownCalendar = true;
  /** What the extension said last, whatever is shown. */
  #known;
  /** What is shown stays until something else becomes known. */
  #active = false;
  #timer;
  #until = 0;

  connectedCallback() {
    super.connectedCallback();
    addEventListener("focus", this.#look);
    this.#lookLater();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener("focus", this.#look);
    clearTimeout(this.#timer);
  }

  async start() {
    await this.during("card.loading", this.#look);
  }

  /** Look again when the tab is back, and every few seconds while the page is open elsewhere. */
  #look = async () => {
    if (!this.translation) return;
    clearTimeout(this.#timer);
    try {
      this.#hear(await this.client.connection());
    } catch (error) {
      const passing = this.#waits && OPEN_OUTCOMES.has(error.code);
      if (!(this.#active && passing)) {
        this.#active = false;
        this.show(() => [this.problem(error, () => this.start())]);
      }
    }
    this.#lookLater();
  };

  get #waits() {
    return Date.now() < this.#until;
  }

  /** A card that was moved in its page goes on waiting; one that was taken out does not. */
  #lookLater() {
    clearTimeout(this.#timer);
    if (this.#waits && this.isConnected) this.#timer = setTimeout(this.#look, LOOK_AGAIN_MS);
  }

  #hear(found) {
    const before = this.#known;
    const changed = JSON.stringify(found) !== JSON.stringify(before);
    this.#known = found;
    if (changed || !this.#active) this.#showKnown();
    if (!before || !changed) return;
    this.announce(`card.connect.${found.state}`);
    const init = { detail: found, bubbles: true, composed: true };
    this.dispatchEvent(new CustomEvent("calendar-connection", init));
  }

  #showKnown(notice) {
    const { state, email, timeZone } = this.#known;
    const key = state === "connected" ? "card.connect.manage" : `card.connect.${state}.button`;
    const kind = { connected: "good", reconnect: "bad" }[state];
    this.#active = true;
    this.show(() => [
      notice,
      kind ? make("p", { class: `kind ${kind}` }, this.translation(`card.connect.${state}`)) : null,
      kind ? null : this.heading(this.translation(`card.connect.${state}`)),
      state === "none"
        ? this.paragraph("card.connect.none.text")
        : make("p", {}, email, make("small", {}, zoneText(timeZone))),
      this.button(key, () => this.#open(), state === "connected" ? "plain" : "main"),
    ]);
  }

  /** Open the tab at once, while the click still allows it, and send it on when the link is here. */
  async #open() {
    const tab = open("about:blank");
    if (tab) tab.opener = null;
    try {
      const { connectUrl } = await this.client.connect(this.returnUrl);
      const address = ownLink(connectUrl, this.client.baseUrl);
      if (address === null) throw new TypeError("The link does not lead to the extension.");
      if (tab) tab.location.replace(address);
      else this.#showWay(address);
      this.#until = Date.now() + LOOK_FOR_MS;
      this.#lookLater();
    } catch (error) {
      tab?.close();
      this.#showKnown(this.problem(error));
    }
  }

  /** The browser opened no tab, as web views in apps do: a link may. */
  #showWay(address) {
    this.#active = true;
    this.show(() => [
      this.heading(this.translation("card.connect.none")),
      this.paragraph("card.connect.blocked"),
      this.ownLink("card.connect.open", address, "main"),
    ]);
  }
}
