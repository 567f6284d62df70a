/** The panel that shows what goes over the wire: each call of the extension, each of its messages. */

const MOST = 60;
const list = document.querySelector(".wire");

/** Who calls, by the token; filled by the chats. */
export const callers = new Map();

function element(tag, className, ...children) {
  const made = Object.assign(document.createElement(tag), { className });
  made.append(...children);
  return made;
}

function add(kind, title, about, shown) {
  const summary = element("summary", "", element("code", "", title), " ", element("small", "", about));
  const text = element("pre", "", JSON.stringify(shown, null, 2));
  text.tabIndex = 0;
  list.prepend(element("li", kind, element("details", "", summary, text)));
  while (list.children.length > MOST) list.lastElementChild.remove();
}

/** Show a message of the extension's, once for both phones. */
export function tellMessage(message) {
  const { type, sender, receiver, data } = message;
  add("message", type, `${sender} → ${receiver}`, { category: message.category, type, data });
}

/** From now on, show each call of the extension's routes with its answer. */
export function listen() {
  const { fetch } = globalThis;
  globalThis.fetch = async (address, options = {}) => {
    const url = new URL(address, location.href);
    if (!/^\/+v1\//.test(url.pathname)) return fetch(address, options);
    const begun = performance.now();
    const { method = "GET", headers = {}, body } = options;
    const who = callers.get(headers.authToken) ?? "?";
    const title = `${method} ${url.pathname.slice(1)}${url.search}`;
    const sent = { headers: { appId: headers.appId, authToken: `${who}_…` } };
    if (body) sent.body = JSON.parse(body);
    const tell = (status, answer) => {
      const took = Math.round(performance.now() - begun);
      add("call", title, `${status} · ${who} · ${took} ms`, { request: sent, answer });
    };
    try {
      const response = await fetch(address, options);
      const answer = await response.clone().json().catch(() => "not JSON");
      tell(response.status, answer);
      return response;
    } catch (error) {
      tell("no answer", String(error));
      throw error;
    }
  };
  document.querySelector(".clear").addEventListener("click", () => list.replaceChildren());
}
