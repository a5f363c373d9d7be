// Markers on a picture that can be moved: <svg data-spot="id_left id_top"> inside a frame stands where these two number
// fields say (0–100). Dragging it, or the arrow keys, change the fields; a changed field moves its marker.

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const fieldsOf = (spot) => spot.dataset.spot.split(" ").map((id) => document.getElementById(id));
const percent = (value) => Math.min(100, Math.max(0, Math.round(Number(value) || 0)));

function show(spot) {
  const [left, top] = fieldsOf(spot).map((field) => percent(field.value));
  spot.setAttribute("x", `${left}%`);
  spot.setAttribute("y", `${top}%`);
  const words = spot.parentElement.dataset.spotsWords.replace("{left}", left).replace("{top}", top);
  spot.setAttribute("aria-label", `${spot.dataset.spotName}: ${words}`);
}

function put(spot, left, top, isDone = true) {
  const [across, down] = fieldsOf(spot);
  [across.value, down.value] = [percent(left), percent(top)];
  show(spot);
  if (isDone) across.dispatchEvent(new Event("change", { bubbles: true }));
}

function bind(spot) {
  spot.setAttribute("role", "button");
  spot.setAttribute("tabindex", "0");
  show(spot);
}

const bindAll = () => document.querySelectorAll("[data-spot]").forEach(bind);
bindAll();
document.addEventListener("htmx:afterSwap", bindAll);

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const id = event.target.id;
    const moved = id && [...document.querySelectorAll("[data-spot]")].find((spot) => spot.dataset.spot.split(" ").includes(id));
    if (moved) show(moved);
  });
}

document.addEventListener("keydown", (event) => {
  const spot = event.target.closest?.("[data-spot]");
  if (!spot || !KEYS[event.key]) return;
  event.preventDefault();
  const [left, top] = fieldsOf(spot).map((field) => percent(field.value));
  put(spot, left + KEYS[event.key][0], top + KEYS[event.key][1]);
});

document.addEventListener("pointerdown", (event) => {
  const spot = event.target.closest?.("[data-spot]");
  if (!spot) return;
  spot.setPointerCapture(event.pointerId);
  const box = spot.parentElement.getBoundingClientRect();
  const at = (move) => [(100 * (move.clientX - box.left)) / box.width, (100 * (move.clientY - box.top)) / box.height];
  const drag = (move) => put(spot, ...at(move), false);
  spot.addEventListener("pointermove", drag);
  spot.addEventListener("pointerup", () => (spot.removeEventListener("pointermove", drag), put(spot, ...fieldsOf(spot).map((f) => f.value))), { once: true });
});
