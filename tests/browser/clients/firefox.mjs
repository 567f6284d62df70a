/**
 * Book with a card in Firefox, as its guest: `node firefox.mjs <puppeteer> <firefox> <address>`.
 *
 * Prints what the card said in the end and what the page complained of, as JSON. Firefox speaks
 * WebDriver BiDi itself, so nothing stands between but the client.
 */

const [PATIENCE_MS, GLANCE_MS] = [30_000, 100];
const [puppeteer, executablePath, address] = process.argv.slice(2);
const { launch } = (await import(puppeteer)).default;
const browser = await launch({ browser: "firefox", executablePath, headless: true });
try {
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (said) => {
    if (said.type() === "error") complaints.push(said.text());
  });
  await page.goto(address);
  // Looked for again and again: Puppeteer's own waiting does not see what changes in a shadow root.
  const seen = async (part) => {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
      for (const each of await page.$$(`calendar-availability >>> ${part}`)) {
        if (await each.isVisible()) return each;
      }
      await new Promise((done) => setTimeout(done, GLANCE_MS));
    }
    throw new Error(`Nothing of ${part} is to be seen.`);
  };
  for (const part of ['[role="tab"]:nth-of-type(4)', "details[open] .slot", "form .main"]) {
    await (await seen(part)).click();
  }
  const told = await (await seen(".kind.good")).evaluate((part) => part.closest(".card").innerText);
  console.log(JSON.stringify({ told, complaints }));
} finally {
  await browser.close();
}
