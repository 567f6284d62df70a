/** A week as calendars draw it: a column for each day, a row for each hour in which one is free. */

import { make, sideways, stopAt } from "./elements.js";
import { dayText, hourOf, hours, hourText, rangeText, timeText, wallTime } from "./times.js";

/** People look for times from here on first. */
const MORNING = 8;

/**
 * Return the table of a week. The arrow keys move among the free times: up and down within a day, to
 * the sides to the free time of another day that is nearest by the clock.
 *
 * @param card whose words, language and zone are used.
 * @param found the days, as `days` of times.js sorts them.
 * @param onpick is told which free time is picked; without it there is nothing to pick.
 */
export function week(card, found, onpick) {
  const columns = found.map((day) => {
    const begins = new Set(day.busy.map(([start]) => start.getTime()));
    return hours(day, card.zone).map((each) => ({ ...each, begins }));
  });
  const rows = [...Array(24).keys()].filter((hour) =>
    columns.some((column) => column.some((each) => each.hour === hour && each.free.length)),
  );
  if (!rows.length) return [make("p", {}, card.translation("card.status.full"))];
  const head = make("tr", {}, make("td"), found.map((day) => dayHead(card, day)));
  const body = rows.map((hour, index) => {
    const again = rows[index - 1] !== hour - 1;
    const cells = columns.map((column) =>
      cell(card, column.filter((each) => each.hour === hour), onpick, again),
    );
    const head = make("th", { scope: "row" }, hourText(hour, card.locale));
    return make("tr", { class: again && index > 0 && "later" }, head, cells);
  });
  const label = card.translation("card.week");
  const grid = onpick ? { role: "grid", "aria-describedby": "help" } : {};
  const table = make(
    "table",
    { "aria-label": label, ...grid },
    make("thead", {}, head),
    make("tbody", {}, body),
  );
  const view = make("div", { class: "week", tabindex: onpick ? null : 0 }, table);
  if (!onpick) Object.assign(view, { role: "group", ariaLabel: label });
  else walkThrough(table, card.zone);
  requestAnimationFrame(() => showMorning(view, rows));
  return [view, onpick ? make("p", { id: "help", class: "unseen" }, card.translation("card.week.help")) : null];
}

function dayHead(card, { first, free }) {
  const [day, weekday] = [{ day: "numeric" }, { weekday: "short" }].map((form) =>
    dayText(first, card.locale, card.zone, form),
  );
  const count = card.translation("card.day.free", { count: free.length });
  return make(
    "th",
    { scope: "col" },
    make("span", { "aria-hidden": "true" }, weekday),
    make("strong", { "aria-hidden": "true" }, day),
    make("span", { class: "unseen" }, `${dayText(first, card.locale, card.zone)}. ${count}`),
  );
}

function cell(card, chunks, onpick, again) {
  const found = chunks.flatMap((chunk) => pieces(card, chunk, onpick, again));
  return make("td", { class: !chunks.length && "out" }, make("div", {}, found));
}

/** Return what fills an hour, in order; busy and unused time takes the room that it has by the clock. */
function pieces(card, { first, free, busy, begins }, onpick, again) {
  const says = (at) => again || at > first || begins.has(at.getTime());
  const found = [
    ...free.map((at) => ({ at, node: slot(card, at, onpick, true) })),
    ...busy.map(([at, end]) => {
      return { at, end, node: stretch(busyPiece(card, at, end, says(at)), at, end) };
    }),
  ].sort((one, other) => one.at - other.at);
  let known = first;
  return found.flatMap(({ at, end, node }) => {
    const unused = known && known < at ? [stretch(make("span"), known, at)] : [];
    known = end;
    return [...unused, node];
  });
}

function stretch(node, from, to) {
  node.style.flexGrow = (to - from) / 60_000;
  return node;
}

/** A free time: a button where it can be picked, else a text. */
export function slot(card, at, onpick, withDay = false) {
  const time = make("time", { datetime: at.toISOString() }, timeText(at, card.locale, card.zone));
  if (!onpick) return make("span", { class: "slot" }, time);
  const day = withDay ? ` ${dayText(at, card.locale, card.zone)}` : "";
  const unseen = make("span", { class: "unseen" }, day);
  return make("button", { type: "button", class: "slot", onclick: () => onpick(at) }, time, unseen);
}

/** The eye reads the word once for each busy time, a screen reader in each cell. */
function busyPiece(card, at, end, says) {
  const time = rangeText(at, end, card.locale, card.zone);
  return make(
    "span",
    { class: "busy", title: card.translation("card.busy", { time }) },
    says ? make("span", { "aria-hidden": "true" }, card.translation("card.busy.word")) : null,
    make("span", { class: "unseen" }, card.translation("card.busy", { time })),
  );
}

function walkThrough(table, zone) {
  const columns = [];
  for (const row of table.tBodies[0].rows) {
    [...row.cells].slice(1).forEach((each, index) => {
      (columns[index] ??= []).push(...each.querySelectorAll("button"));
    });
  }
  const all = columns.flat();
  const instant = (button) => new Date(button.querySelector("time").dateTime);
  const clock = (button) => wallTime(instant(button), zone).slice(9);
  stopAt(all, all.find((each) => hourOf(instant(each), zone) >= MORNING) ?? all[0]);

  const beside = (button, by) => {
    let index = columns.findIndex((each) => each.includes(button)) + by;
    while (columns[index] && !columns[index].length) index += by;
    return columns[index]?.reduce((best, each) =>
      distance(clock(each), clock(button)) < distance(clock(best), clock(button)) ? each : best,
    );
  };
  const target = (event) => {
    const column = columns.find((each) => each.includes(event.target));
    const at = column?.indexOf(event.target);
    const side = sideways(table)[event.key];
    if (at === undefined) return undefined;
    if (side) return beside(event.target, side);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: column.length - 1 }[event.key];
    return column[to];
  };
  table.addEventListener("keydown", (event) => {
    const to = target(event);
    if (!to) return;
    event.preventDefault();
    stopAt(all, to);
    to.focus();
  });
}

/** How far apart two times of day are, in minutes. */
function distance(one, other) {
  const minutes = (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(2, 4));
  return Math.abs(minutes(one) - minutes(other));
}

function showMorning(view, rows) {
  const index = rows.findIndex((hour) => hour >= MORNING);
  const row = view.querySelector("tbody").rows[Math.max(0, index)];
  view.scrollTop = row.offsetTop - view.querySelector("thead").offsetHeight;
}
