/** A week to pick from: a tab for each day, in it the free starts, with busy times where they fall. */

import { make, walkable } from "./card.js";
import { dayText, rangeText, timeText } from "./times.js";

/** Where a day's parts begin. */
const PARTS = [
  ["night", 0],
  ["morning", 6],
  ["afternoon", 12],
  ["evening", 18],
];

/**
 * Give the tabs and the panel of the shown day.
 *
 * @param card whose words and language are used.
 * @param found the days, as `days` of times.js sorts them.
 * @param options `shown`: the day shown before, if any; `onday` and `onpick` are told what is chosen.
 */
export function dayPicker(card, found, { shown, onday, onpick }) {
  const panel = make("div", { id: "day", role: "tabpanel", "aria-labelledby": "chosen" });
  const tabs = found.map((day) => tab(card, day));
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
  const label = card.say("card.days");
  const list = make("div", { class: "days", role: "tablist", "aria-label": label }, tabs);
  return [walkable(list, tabs[start]), panel];
}

/** The first day begins in its middle, and later as time goes by; a day is named by its date. */
function keyOf(day) {
  return day.first.toDateString();
}

function tab(card, { first, free }) {
  const count = card.say("card.day.free", { count: free.length });
  const name = `${dayText(first, card.locale)}. ${count}`;
  return make(
    "button",
    { type: "button", role: "tab", "aria-controls": "day", "aria-label": name },
    make("span", {}, dayText(first, card.locale, { weekday: "short" })),
    make("strong", {}, dayText(first, card.locale, { day: "numeric" })),
    make("i", { class: free.length ? "free" : "none" }),
  );
}

function dayOf(card, { first, free, busy }, onpick) {
  const entries = [
    ...free.map((at) => ({ at, node: slot(card, at, onpick) })),
    ...busy.map(([at, end]) => ({ at, node: busyTime(card, at, end) })),
  ].sort((one, other) => one.at - other.at);
  const parts = PARTS.map(([name, begins], index) => {
    const ends = PARTS[index + 1]?.[1] ?? 24;
    const within = entries.filter(({ at }) => at.getHours() >= begins && at.getHours() < ends);
    return within.length ? part(card, name, within) : null;
  });
  return [make("h4", {}, dayText(first, card.locale)), ...parts.filter(Boolean)];
}

function part(card, name, entries) {
  const group = make("div", { class: "times" }, entries.map(({ node }) => node));
  if (group.querySelector("button")) walkable(group);
  const heading = make("summary", {}, card.say(`card.part.${name}`));
  return make("details", { open: name !== "night" }, heading, group);
}

function slot(card, at, onpick) {
  const text = make("time", { datetime: at.toISOString() }, timeText(at, card.locale));
  return make("button", { type: "button", class: "slot", onclick: () => onpick(at) }, text);
}

function busyTime(card, at, end) {
  const text = card.say("card.busy", { time: rangeText(at, end, card.locale) });
  return make("p", { class: "busy" }, text);
}
