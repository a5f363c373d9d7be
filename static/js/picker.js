// Choosing products by keyboard: from the search field ([data-picker-search]) the arrow keys lead to the buttons that
// add ([data-picker-add]) and through them; Escape leads back. Enter is the button's own. Tab does it all too.

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  const buttons = [...document.querySelectorAll("[data-picker-add]")];
  const at = buttons.indexOf(event.target);
  const search = document.querySelector("[data-picker-search] [type=search]");
  if (at < 0 && event.target !== search) return;
  const next = event.key === "Escape" && at >= 0 ? -1 : at + (STEPS[event.key] ?? 0);
  if (next === at) return;
  event.preventDefault();
  (next < 0 ? search : (buttons[next] ?? event.target)).focus();
});
