// "Copy" beside a link or code. The button is shown only where it can work.

const SHOWN_FOR_MS = 2000;

function showButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy-button][hidden]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-button]");
  if (!button) return;
  const value = button.closest("[data-copy]").querySelector("[data-copy-value]").textContent;
  await navigator.clipboard.writeText(value.trim());
  const text = button.querySelector("[data-copy-text]");
  if (text.dataset.before) return;
  text.dataset.before = text.textContent;
  text.textContent = button.dataset.copied;
  setTimeout(() => {
    text.textContent = text.dataset.before;
    delete text.dataset.before;
  }, SHOWN_FOR_MS);
});

showButtons(document);
document.addEventListener("htmx:load", (event) => showButtons(event.target));
