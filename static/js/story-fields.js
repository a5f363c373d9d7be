// One field of a part: a line, a tick, a rich text, or a list of chosen things.

const modules = document.querySelector("[data-story]").dataset;
const { addChip, chosenIds } = await import(modules.modulePicker);
const { cleaned } = await import(modules.moduleClean);

/** Put a value of a block into its field. */
export function fill(form, field, value, data) {
  const isList = Array.isArray(value);
  if (field.matches("ul")) for (const id of isList ? value : []) addChip(form, field, { id, ...data[field.dataset.part][id] });
  else if (field.hasAttribute("contenteditable")) field.append(...cleaned(value ?? "").childNodes);
  else if (field.type === "checkbox") field.checked = value === true;
  else field.value = value ?? "";
}

/** The value of a field, as the server takes it. */
export function valueOf(field) {
  if (field.matches("ul")) return chosenIds(field);
  if (field.hasAttribute("contenteditable")) return field.textContent.trim() ? cleaned(field.getHTML()).getHTML() : "";
  return field.type === "checkbox" ? field.checked : field.value;
}
