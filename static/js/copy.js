// "Copy" beside a link or code. Where the browser does not let a page copy, the text is selected for Ctrl + C.
// What happened stands on the button and is said to who cannot see it.

const SHOWN_FOR_MS = 2000;

function showButtons(root) {
  for (const button of root.querySelectorAll("[data-copy-button][hidden]")) button.hidden = false;
}

async function copied(value) {
  try {
    await navigator.clipboard.writeText(value.textContent.trim());
    return true;
  } catch {
    getSelection().selectAllChildren(value);
    return false;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-button]");
  if (!button) return;
  const box = button.closest("[data-copy]");
  const isCopied = await copied(box.querySelector("[data-copy-value]"));
  const said = isCopied ? button.dataset.copied : button.dataset.selected;
  box.querySelector("[data-copy-status]").textContent = said;
  const text = button.querySelector("[data-copy-text]");
  if (text.dataset.before) return;
  text.dataset.before = text.textContent;
  text.textContent = said;
  setTimeout(() => {
    text.textContent = text.dataset.before;
    box.querySelector("[data-copy-status]").textContent = "";
    delete text.dataset.before;
  }, SHOWN_FOR_MS);
});

showButtons(document);
document.addEventListener("htmx:load", (event) => showButtons(event.target));
