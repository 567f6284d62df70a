/** The words that cards say: one file for each language. */

import { fetchText, once } from "./files.js";

/** Languages that have a file; a test holds this list to the folder. */
export const LOCALES = ["de", "en"];

let addressOf = (locale) => new URL(`./words-${locale}.json`, import.meta.url).href;

/** Fetch words from elsewhere: `wordsUrl` gives the address of a language's file. */
export function setWordsUrl(wordsUrl) {
  addressOf = wordsUrl;
}

/** Give the language that we have for a wanted one: itself, its base language, or English. */
export function supported(wanted) {
  const base = wanted.split("-")[0];
  return [wanted, base].find((locale) => LOCALES.includes(locale)) ?? "en";
}

/** Give a function that says a key of a language's catalogue with values put in. */
export async function sayer(wanted) {
  const address = addressOf(supported(wanted));
  const catalogue = await once(address, async () => JSON.parse(await fetchText(address)));
  return (key, values = {}) =>
    (catalogue[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
