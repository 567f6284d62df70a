/** The words that cards say: one file for each language, beside the module like their style. */

/** Languages that have a file; a test holds this list to the folder. */
export const LOCALES = ["ar", "de", "en", "es", "fr", "hi"];
/** The language of whoever speaks none of them. */
export const FALLBACK = "en";

const loaded = new Map();

/** Return a file's text; an error page is no file. */
export async function fetchText(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return response.text();
}

/** Load what a key names, unless it is loaded or being loaded. */
export function once(key, load) {
  if (!loaded.has(key)) {
    const loading = load();
    loading.catch(() => loaded.delete(key));
    loaded.set(key, loading);
  }
  return loaded.get(key);
}

/** Written from right to left. */
const RIGHT_TO_LEFT = /^(ar|fa|he|ur)\b/;
const RIGHT_TO_LEFT_LETTERS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

let addressOf = (locale) => new URL(`./words-${locale}.json`, import.meta.url).href;

/** Fetch words from elsewhere: `wordsUrl` gives the address of a language's file. */
export function setWordsUrl(wordsUrl) {
  addressOf = wordsUrl;
}

/** Tags by how they were written: cards ask again for each of their texts. */
const tags = new Map();

/** Return a language's tag as `Intl` takes it, POSIX's `de_DE.UTF-8` too; of what is none, undefined. */
function tagOf(written) {
  if (!tags.has(written)) {
    const posix = `${written}`.split(/[@.]/)[0].replaceAll("_", "-");
    tags.set(written, [written, posix].map(readTag).find(Boolean));
  }
  return tags.get(written);
}

function readTag(written) {
  try {
    return new Intl.Locale(written).toString();
  } catch {
    return undefined;
  }
}

/** Return the tags of the languages that the browser names, the preferred one first; often none of ours. */
export function browserTags() {
  return [navigator.language, ...(navigator.languages ?? [])].map(tagOf).filter(Boolean);
}

/**
 * Return the tag of the language to speak: the first that there are words for, of the one that the
 * page names and those of the browser, in the form that the browser prefers. Without any it is
 * English, or undefined where nobody names a language at all.
 */
export function spoken(named) {
  const own = browserTags();
  const wanted = [tagOf(named), ...own].filter(Boolean);
  const found = wanted.find((tag) => tag.split("-")[0] === supported(tag));
  if (!found) return wanted.length ? FALLBACK : undefined;
  return own.find((tag) => tag.startsWith(`${found}-`)) ?? found;
}

/** Return the language that we have for a wanted one: itself, its base language, or English. */
export function supported(wanted) {
  const base = wanted.split("-")[0];
  return [wanted, base].find((locale) => LOCALES.includes(locale)) ?? FALLBACK;
}

/** Return the direction in which a language is written. */
export function direction(locale) {
  return RIGHT_TO_LEFT.test(locale) ? "rtl" : "ltr";
}

/**
 * Return a function that says a key of a language's catalogue with values put in.
 *
 * A value of the other direction is isolated, so that a name or a zone does not turn the words
 * around it; numbers are written as the language writes them.
 */
export async function translator(wanted) {
  const language = supported(wanted);
  const address = addressOf(language);
  const catalogue = await once(address, async () => JSON.parse(await fetchText(address)));
  const rightToLeft = direction(language) === "rtl";
  const put = (value) => {
    if (typeof value === "number") return new Intl.NumberFormat(wanted).format(value);
    return RIGHT_TO_LEFT_LETTERS.test(value) === rightToLeft ? value : `\u2068${value}\u2069`;
  };
  return (key, values = {}) =>
    (catalogue[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) =>
      values[name] == null ? whole : put(values[name]),
    );
}
