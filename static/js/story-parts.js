// One part of a story: made from its template and a block, and read back as a block.

const modules = document.querySelector("[data-story]").dataset;
const { bindPicture } = await import(modules.modulePicture);
const { addChip, bindProducts, chosenIds } = await import(modules.moduleProducts);
const { bindText } = await import(modules.moduleText);
const { cleaned } = await import(modules.moduleClean);
const { showProblem } = await import(modules.moduleProblem);

const BIND = { picture: bindPicture, products: bindProducts, text: bindText };

const copyOf = (form, selector) => form.querySelector(selector).content.cloneNode(true);

/** The element of this block. `data` holds titles of products and addresses of pictures by id. */
export function makePart(form, block, data, problem = "") {
  const template = form.querySelector(`template[data-story-kind="${CSS.escape(block.type)}"]`);
  const part = copyOf(form, "[data-story-frame]").firstElementChild;
  part.dataset.storyPart = block.type;
  part.querySelector("[data-story-kind-label]").textContent = template?.dataset.storyLabel ?? block.type;
  if (template) part.querySelector("[data-story-body]").append(template.content.cloneNode(true));
  for (const field of part.querySelectorAll("[data-part]")) fill(form, field, block[field.dataset.part], data);
  showProblem(part, problem);
  BIND[block.type]?.(form, part, data);
  return part;
}

function fill(form, field, value, data) {
  if (field.matches("ul")) for (const id of value ?? []) addChip(form, field, { id, ...data.products[id] });
  else if (field.hasAttribute("contenteditable")) field.append(...cleaned(value ?? "").childNodes);
  else if (field.type === "checkbox") field.checked = value === true;
  else field.value = value ?? "";
}

function valueOf(field) {
  if (field.matches("ul")) return chosenIds(field);
  if (field.hasAttribute("contenteditable")) return field.textContent.trim() ? cleaned(field.getHTML()).getHTML() : "";
  if (field.type === "checkbox") return field.checked;
  return field.value;
}

/** The block that a part stands for, as the server takes it. */
export function readPart(part) {
  const block = { type: part.dataset.storyPart };
  for (const field of part.querySelectorAll("[data-part]")) block[field.dataset.part] = valueOf(field);
  return block;
}
