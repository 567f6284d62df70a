/** As little of a chat client as the demo needs, against CometChat's client API. */

const APP = { appId: "local", apiKey: "local-api-key" };

/** CometChat's emulator listens two ports above the extension. */
export const CHAT_URL = `http://127.0.0.1:${Number(location.port || 80) + 2}`;

/** The extension's word to its host: anybody may send the type, so the sender counts. */
export function isNotice({ type, sender }) {
  return type === "extension_calendar_notice" && sender === "app_system";
}

async function call(path, headers, body) {
  const response = await fetch(`${CHAT_URL}/${path}`, {
    method: body ? "POST" : "GET",
    headers: { appid: APP.appId, "content-type": "application/json", ...headers },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (answer.error) throw new Error(answer.error.message);
  return answer.data;
}

/** One person's side of a conversation with another. */
export class Chat {
  #authToken;
  #last = "0";

  /** Log in. An app's server would mint the token; the emulator's key is no secret. */
  static async as(uid, other) {
    const path = `v3/users/${uid}/auth_tokens`;
    const { authToken } = await call(path, { apikey: APP.apiKey }, {});
    return new Chat(uid, other, authToken);
  }

  constructor(uid, other, authToken) {
    this.uid = uid;
    this.other = other;
    this.appId = APP.appId;
    this.authToken = authToken;
    this.#authToken = { authtoken: authToken };
  }

  send(text) {
    const receiver = { receiver: this.other, receiverType: "user" };
    const message = { ...receiver, category: "message", type: "text", data: { text } };
    return call("v3.0/messages", this.#authToken, message);
  }

  /** Return what came since the last time: of the conversation, and notices to oneself. */
  async news() {
    const query = `affix=append&id=${this.#last}&limit=100`;
    const messages = await call(`v3.0/messages?${query}`, this.#authToken);
    this.#last = messages.at(-1)?.id ?? this.#last;
    const between = new Set([this.uid, this.other]);
    return messages.filter(
      (each) => isNotice(each) || (between.has(each.sender) && between.has(each.receiver)),
    );
  }
}
