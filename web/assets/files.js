/** The files beside the module: fetched once for all cards, and anew after a failure. */

const loaded = new Map();

/** Give a file's text; an error page is no file. */
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
