// Dialogs: opened by [data-dialog-open="id"], closed by [data-dialog-close], Escape or a click beside them.
// The opener is a link to a page that asks the same, so that nothing is lost without script.

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
