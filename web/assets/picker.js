/** Where a time is picked: the viewer's zone and the host's, and the days in the room there is. */

import { dayStrip } from "./days.js";
import { make } from "./elements.js";
import { days, sameWall, zones, zoneText } from "./times.js";
import { week } from "./week.js";

/**
 * Give what picks a time of a share as it is now.
 *
 * @param card whose words, language, zone and width are used.
 * @param view an answer of `GET v1/shares/{shareId}`.
 * @param options as of `dayStrip`; `onzone` is told which zone is chosen.
 */
export function picker(card, view, options) {
  const found = days(view, card.zone);
  const { onpick } = options;
  return [
    zoneLine(card, view, options.onzone),
    card.wide ? week(card, found, onpick) : [dayStrip(card, found, options), enlarger(card, found, onpick)],
  ].flat(2);
}

function zoneLine(card, { host, timeZone, from, to }, onzone) {
  const same = sameWall(card.zone, timeZone, new Date(from), new Date(to));
  const there = { host: host.name, hostZone: zoneText(timeZone) };
  const choices = zones(card.zone, timeZone).map((zone, index) =>
    make("option", { value: zone, selected: index === 0 }, zoneText(zone)),
  );
  const onchange = (event) => onzone(event.target.value);
  const label = card.say("card.zone.label");
  return make(
    "div",
    { class: "zone" },
    make("select", { "aria-label": label, title: label, onchange }, choices),
    same ? null : make("p", {}, card.say("card.zone.host", there)),
  );
}

/** In a narrow card on a wide screen the week opens over the chat. */
function enlarger(card, found, onpick) {
  if (!onpick) return [];
  const dialog = make("dialog", { "aria-label": card.say("card.week") });
  const close = () => dialog.close();
  const open = () => {
    const picked = (at) => {
      close();
      onpick(at);
    };
    const closer = make("button", { type: "button", class: "plain", onclick: close }, card.say("card.close"));
    dialog.replaceChildren(...week(card, found, picked).filter(Boolean), closer);
    dialog.showModal();
  };
  const button = make("button", { type: "button", class: "quiet enlarge", onclick: open }, card.say("card.week.open"));
  return [button, dialog];
}
