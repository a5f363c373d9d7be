// Dialogs: opened by [data-dialog-open="id"], closed by [data-dialog-close], Escape or a click beside them.
// The opener is a link to a page that asks the same, so that nothing is lost without script.
// One that htmx brings (data-dialog-now) opens as it comes and is gone when it closes.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  const dialog = opener && document.getElementById(opener.dataset.dialogOpen);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  if (event.target.closest("[data-dialog-close]") || event.target.matches("dialog")) {
    event.target.closest("dialog")?.close();
  }
});

document.addEventListener("htmx:load", ({ target }) => {
  if (!target.matches("dialog[data-dialog-now]")) return;
  target.addEventListener("close", () => target.remove());
  target.showModal();
});

// What a form in a dialog was refused for (422) comes back with its reason, and is shown like any answer.
document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (target.closest("dialog") && detail.xhr.status === 422) Object.assign(detail, { shouldSwap: true, isError: false });
});
