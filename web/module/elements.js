/** Elements, made so that what people typed stays text, and links lead only where they may. */

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

/** Make one button of a group the stop of the Tab key. */
export function stopAt(buttons, stop) {
  for (const each of buttons) each.tabIndex = each === stop ? 0 : -1;
}

/** Let arrow keys walk through a row of buttons that is one stop of the Tab key. */
export function walkable(group, selected) {
  const buttons = [...group.querySelectorAll("button")];
  stopAt(buttons, selected ?? buttons[0]);
  group.addEventListener("keydown", (event) => {
    const from = buttons.indexOf(event.target);
    const by = { ArrowDown: 1, ArrowUp: -1, ...sideways(group) }[event.key];
    const to = { Home: 0, End: buttons.length - 1 }[event.key] ?? (by ? from + by : -1);
    if (from < 0 || !buttons[to]) return;
    event.preventDefault();
    stopAt(buttons, buttons[to]);
    buttons[to].focus();
  });
  return group;
}

/** What the arrows to the sides mean: on and back, or the other way round from right to left. */
export function sideways(element) {
  const on = getComputedStyle(element).direction === "rtl" ? -1 : 1;
  return { ArrowRight: on, ArrowLeft: -on };
}

/** Beside the extension's own pages a card opens only these, whatever it is told. */
const CALENDARS = new Set([
  "calendar.google.com",
  "outlook.live.com",
  "outlook.cloud.microsoft",
  "calendar.yahoo.com",
]);

/** Return the address if it is a known calendar's; else null. */
export function calendarLink(address) {
  const url = read(address);
  return url?.protocol === "https:" && CALENDARS.has(url.host) ? address : null;
}

/** Return the address if it is of our own base URL's origin; else null. */
export function ownLink(address, baseUrl) {
  const [url, own] = [read(address), new URL(baseUrl)];
  return url?.protocol === own.protocol && url.host === own.host ? address : null;
}

function read(address) {
  try {
    const url = new URL(address);
    return url.username || url.password ? null : url;
  } catch {
    return null;
  }
}
