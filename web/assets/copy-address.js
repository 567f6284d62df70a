/** In a web view: a button that copies the page's address, for the browser it should be opened in. */

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(location.href);
    document.querySelector("[data-copied]").textContent = button.dataset.copy;
  });
}
