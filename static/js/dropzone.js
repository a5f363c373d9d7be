// A file field to drop something on. It says what was chosen and how far the upload is (of forms sent by htmx).

const zoneOf = (event) => event.target.closest?.("[data-dropzone]");
const OVER = "dropzone--over";

function nameFiles(zone) {
  const files = [...zone.querySelector("input[type=file]").files];
  zone.querySelector("[data-dropzone-name]").textContent = files.map((file) => file.name).join(", ");
}

document.addEventListener("dragover", (event) => {
  const zone = zoneOf(event);
  if (!zone) return;
  event.preventDefault();
  zone.classList.add(OVER);
});

document.addEventListener("dragleave", (event) => {
  const zone = zoneOf(event);
  if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove(OVER);
});

document.addEventListener("drop", (event) => {
  const zone = zoneOf(event);
  if (!zone) return;
  event.preventDefault();
  zone.classList.remove(OVER);
  const input = zone.querySelector("input[type=file]");
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("change", (event) => {
  const zone = zoneOf(event);
  if (zone && event.target.matches("input[type=file]")) nameFiles(zone);
});

document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.querySelector?.("[data-dropzone-progress]");
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = (100 * event.detail.loaded) / event.detail.total;
});
