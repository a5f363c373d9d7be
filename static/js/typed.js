// What somebody has typed and not stored yet survives when htmx replaces the part around it: it is put back, with the
// digests it was based on, and stored. The cursor stays where it was.

const SKIPPED = "[type=hidden], [type=checkbox], [type=radio], [type=file], [type=search]";
const isText = (field) => field.matches("textarea, input") && !field.matches(SKIPPED);

let kept = [];

/** What was sent and stored is the field's own text from now on. */
function noteSent(form, sent) {
  for (const field of form.elements) if (isText(field) && sent.has(field.name)) field.defaultValue = sent.get(field.name);
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const form = detail.requestConfig.elt.closest("form");
  if (form && detail.xhr.status < 300) noteSent(form, detail.requestConfig.formData);
  kept = [...detail.target.querySelectorAll("textarea, input")]
    .filter((field) => isText(field) && field.id && field.value !== field.defaultValue)
    .map((field) => ({
      id: field.id,
      value: field.value,
      selection: [field.selectionStart, field.selectionEnd],
      basedOn: field.form?.elements.based_on?.value,
      isStored: field.form === form, // it was just sent: it would be refused again
    }));
});

document.addEventListener("htmx:afterSwap", () => {
  for (const one of kept) {
    const field = document.getElementById(one.id);
    if (!field || field.value === one.value) continue;
    field.value = one.value;
    if (document.activeElement === field) field.setSelectionRange(...one.selection);
    const digests = field.form?.elements.based_on;
    if (digests && one.basedOn !== undefined) digests.value = one.basedOn;
    one.isBack = true;
  }
});

document.addEventListener("htmx:afterSettle", () => {
  const back = kept.filter((one) => one.isBack && !one.isStored);
  kept = [];
  for (const one of back) document.getElementById(one.id)?.dispatchEvent(new Event("change", { bubbles: true }));
});
