// Suggestions under a search field: the combobox pattern of WAI-ARIA. htmx fetches the options, the arrow keys walk
// through them while the focus stays in the field. Without script the field is a plain search.

const listOf = (input) => document.getElementById(input.dataset.suggest);
const optionsOf = (input) => [...listOf(input).querySelectorAll("[role=option]")];
const inputOf = (event) => event.target.closest?.("input[data-suggest]");

function choose(input, chosen) {
  for (const option of optionsOf(input)) option.setAttribute("aria-selected", String(option === chosen));
  if (!chosen) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
}

function show(input, isOpen) {
  listOf(input).hidden = !isOpen;
  input.setAttribute("aria-expanded", String(isOpen));
  choose(input, null);
}

function step(input, by) {
  const options = optionsOf(input);
  const here = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  // The field itself is a stop too, between the last option and the first.
  choose(input, options[((here + by + options.length + 2) % (options.length + 1)) - 1]);
}

for (const input of document.querySelectorAll("input[data-suggest]")) {
  const list = listOf(input);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  list.setAttribute("role", "listbox");
  list.addEventListener("mousedown", (event) => event.preventDefault()); // a click leaves the focus in the field
  list.addEventListener("htmx:afterSwap", () => {
    optionsOf(input).forEach((option, place) => (option.id = `${list.id}-${place}`));
    show(input, document.activeElement === input && optionsOf(input).length > 0);
  });
}

document.addEventListener("keydown", (event) => {
  const input = inputOf(event);
  if (!input || !optionsOf(input).length) return;
  const isOpen = !listOf(input).hidden;
  const chosen = listOf(input).querySelector("[aria-selected=true]");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!isOpen) show(input, true);
    step(input, event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && isOpen && chosen) chosen.click();
  else if (event.key === "Escape" && isOpen) show(input, false);
  else return;
  event.preventDefault();
});

document.addEventListener("focusout", (event) => inputOf(event) && show(inputOf(event), false));
