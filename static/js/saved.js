// The word of an editor on what is stored: [data-editor] with data-editor-failed, and #saved inside it.
// What the server refuses (409, 422) comes back with its reasons and is shown like any answer; a server that does not
// answer is told. The answer may name what gets the attention: the event "attend" with an id.

const editor = document.querySelector("[data-editor]");

document.addEventListener("htmx:beforeSwap", (event) => {
  if (![409, 422].includes(event.detail.xhr.status)) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

const tellFailure = () => (document.getElementById("saved").textContent = editor.dataset.editorFailed);
document.addEventListener("htmx:sendError", tellFailure);
document.addEventListener("htmx:responseError", tellFailure);

document.addEventListener("attend", (event) => document.getElementById(event.detail.id)?.focus());

// A form that sends itself waits a moment after the last key. Who leaves the page within that moment loses nothing: what
// waits is sent on the way out.
const waiting = new Set();
const sendsItself = (form) => form?.getAttribute("hx-trigger")?.includes("delay") && form.method === "post";

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => sendsItself(event.target.form) && waiting.add(event.target.form));
}
document.addEventListener("htmx:beforeRequest", (event) => waiting.delete(event.detail.elt));
addEventListener("pagehide", () => {
  for (const form of waiting) if (form.isConnected) fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true });
  waiting.clear();
});
