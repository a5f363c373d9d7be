// One part of a story: made from its template and a block, and read back as a block. A group of fields inside a part
// ([data-part-group]) is an object of its own, a list of such groups ([data-part-list]) an array.

const modules = document.querySelector("[data-story]").dataset;
const { bindGallery } = await import(modules.moduleGallery);
const { bindPicture } = await import(modules.modulePicture);
const { bindPicker } = await import(modules.modulePicker);
const { bindText } = await import(modules.moduleText);
const { fill, valueOf } = await import(modules.moduleFields);
const { showProblem } = await import(modules.moduleProblem);

const NAMED_GROUP = '[data-part-group]:not([data-part-group=""])';
const copyOf = (form, selector) => form.querySelector(selector).content.cloneNode(true);
const own = (root, selector) =>
  [...root.querySelectorAll(selector)].filter(
    (one) => one.parentElement.closest("[data-part-group], [data-story-part]") === root,
  );

/** The element of this block. `data` holds titles of products and boards and addresses of pictures by id. */
export function makePart(form, block, data, problem = "") {
  const template = form.querySelector(`template[data-story-kind="${CSS.escape(block.type)}"]`);
  const part = copyOf(form, "[data-story-frame]").firstElementChild;
  part.dataset.storyPart = block.type;
  part.dataset.storyId = block.id ?? "";
  part.querySelector("[data-story-kind-label]").textContent = template?.dataset.storyLabel ?? block.type;
  if (template) part.querySelector("[data-story-body]").append(template.content.cloneNode(true));
  if (block.type === "gallery") bindGallery(form, part, { add: (item, one) => fillGroup(form, item, one, data), block });
  fillGroup(form, part, block, data);
  showProblem(part, problem);
  if (block.type === "text") bindText(form, part);
  for (const picker of part.querySelectorAll("[data-story-picker]")) bindPicker(form, picker);
  return part;
}

function fillGroup(form, root, values, data) {
  for (const field of own(root, "[data-part]")) fill(form, field, values?.[field.dataset.part], data);
  for (const group of own(root, NAMED_GROUP)) fillGroup(form, group, values?.[group.dataset.partGroup], data);
  if (own(root, '[data-part="picture"]').length) bindPicture(form, root, data);
}

function read(root) {
  const values = {};
  for (const field of own(root, "[data-part]")) values[field.dataset.part] = valueOf(field);
  for (const list of own(root, "[data-part-list]")) values[list.dataset.partList] = [...list.children].map(read);
  for (const group of own(root, NAMED_GROUP)) values[group.dataset.partGroup] = read(group);
  return values;
}

/** The block that a part stands for, as the server takes it. */
export const readPart = (part) => ({ type: part.dataset.storyPart, id: part.dataset.storyId, ...read(part) });
