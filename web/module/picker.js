/** Where a time is picked: the viewer's zone and the host's, and the days in the room there is. */

import { make, walkable } from "./elements.js";
import {
  dateOf,
  days,
  dayText,
  hourOf,
  knownZone,
  rangeText,
  sameWall,
  zones,
  zoneText,
} from "./times.js";
import { slot, week } from "./week.js";

/** Where a day's parts begin. */
const PARTS = [
  ["night", 0],
  ["morning", 6],
  ["afternoon", 12],
  ["evening", 18],
];

/**
 * Return what picks a time of a share as it is now.
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

/** Which zones come first in a card's list: whoever walks through it finds it as it was. */
const orders = new WeakMap();

function zoneLine(card, { host, timeZone, from, to }, onzone) {
  const there = knownZone(timeZone);
  const same = there && sameWall(card.zone, there, new Date(from), new Date(to));
  const named = timeZone && !same;
  const values = { host: host.name, hostZone: zoneText(timeZone) };
  const first = orders.get(card) ?? [card.zone, there ?? card.zone];
  orders.set(card, first);
  const choices = zones(first, card.zone).map((zone) => {
    const selected = zoneText(zone) === zoneText(card.zone);
    return make("option", { value: zone, selected }, zoneText(zone));
  });
  const onchange = (event) => onzone(event.target.value);
  const label = card.translation("card.zone.label");
  return make(
    "div",
    { class: "zone" },
    make("select", { name: "zone", "aria-label": label, title: label, onchange }, choices),
    named ? card.paragraph("card.zone.host", values) : null,
    there ? null : card.paragraph("card.zone.host.unknown", values),
    card.zoneNote ? make("p", {}, card.zoneNote) : null,
  );
}

/** In a narrow card on a wide screen the week opens over the chat. */
function enlarger(card, found, onpick) {
  if (!onpick) return [];
  const dialog = make("dialog", { "aria-label": card.translation("card.week") });
  const close = () => dialog.close();
  const open = () => {
    const picked = (at) => {
      close();
      onpick(at);
    };
    const closer = make("button", { type: "button", class: "plain", onclick: close }, card.translation("card.close"));
    dialog.replaceChildren(...week(card, found, picked).filter(Boolean), closer);
    dialog.showModal();
  };
  const button = make("button", { type: "button", class: "quiet enlarge", onclick: open }, card.translation("card.week.open"));
  return [button, dialog];
}

/**
 * Return the tabs and the panel of the shown day.
 *
 * @param card whose words, language and zone are used.
 * @param found the days, as `days` of times.js sorts them.
 * @param options `shown`: the day shown before, if any; `onday` and `onpick` are told what is
 *   chosen; without `onpick` there is nothing to pick.
 */
function dayStrip(card, found, { shown, onday, onpick }) {
  const panel = make("div", { id: "day", role: "tabpanel", "aria-labelledby": "chosen", tabindex: 0 });
  const tabs = found.map((day) => tab(card, day));
  const keyOf = (day) => dateOf(day.first, card.zone);
  const choose = (index) => {
    tabs.forEach((each, at) => {
      each.setAttribute("aria-selected", String(at === index));
      each.id = at === index ? "chosen" : "";
    });
    onday(keyOf(found[index]));
    panel.replaceChildren(...dayOf(card, found[index], onpick));
    panel.scrollTop = 0;
  };
  tabs.forEach((each, index) => each.addEventListener("click", () => choose(index)));
  const before = found.findIndex((day) => day.free.length && keyOf(day) === shown);
  const start = before >= 0 ? before : Math.max(0, found.findIndex((day) => day.free.length));
  choose(start);
  const label = card.translation("card.days");
  const list = make("div", { class: "days", role: "tablist", "aria-label": label }, tabs);
  requestAnimationFrame(() => tabs[start].scrollIntoView({ block: "nearest", inline: "center" }));
  return [walkable(list, tabs[start]), panel];
}

function tab(card, { first, free }) {
  const count = card.translation("card.day.free", { count: free.length });
  const name = `${dayText(first, card.locale, card.zone)}. ${count}`;
  const short = (form) => dayText(first, card.locale, card.zone, form);
  return make(
    "button",
    { type: "button", role: "tab", "aria-controls": "day", "aria-label": name },
    make("span", {}, short({ weekday: "short" })),
    make("strong", {}, short({ day: "numeric" })),
    make("i", { class: free.length ? "free" : "none" }),
  );
}

function dayOf(card, { first, free, busy }, onpick) {
  const entries = [
    ...free.map((at) => ({ at, node: slot(card, at, onpick) })),
    ...busy.map(([at, end]) => ({ at, node: busyTime(card, at, end) })),
  ].sort((one, other) => one.at - other.at);
  const hour = ({ at }) => hourOf(at, card.zone);
  const parts = PARTS.map(([name, begins], index) => {
    const ends = PARTS[index + 1]?.[1] ?? 24;
    const within = entries.filter((each) => hour(each) >= begins && hour(each) < ends);
    return within.length ? part(card, name, within, free.every((at) => hour({ at }) < 6)) : null;
  });
  return [
    make("h4", {}, dayText(first, card.locale, card.zone)),
    free.length ? null : card.paragraph("card.day.none"),
    ...parts,
  ].filter(Boolean);
}

/** Nobody wants to scroll past the night, unless there is nothing else. */
function part(card, name, entries, nightOnly) {
  const slots = entries.filter(({ node }) => node.matches(".slot"));
  const longest = Math.max(0, ...slots.map(({ node }) => node.textContent.length));
  const size = longest > 11 ? "times longest" : longest > 5 ? "times long" : "times";
  const group = make("div", { class: size }, entries.map(({ node }) => node));
  if (group.querySelector("button")) walkable(group);
  const heading = make("summary", {}, card.translation(`card.part.${name}`));
  return make("details", { open: name !== "night" || nightOnly }, heading, group);
}

function busyTime(card, at, end) {
  const text = card.translation("card.busy", { time: rangeText(at, end, card.locale, card.zone) });
  return make("p", { class: "busy" }, text);
}
