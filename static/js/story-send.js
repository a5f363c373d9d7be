// The draft on its way: the form's fields as JSON, by themselves or, where the answer is a page, as a form.

/** The fields of the form, {name: [values]}, without files. */
export function fieldsOf(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && name !== "csrfmiddlewaretoken") (fields[name] ??= []).push(value);
  }
  return fields;
}

/** Send them; {status, …what was answered}. Status 0: nothing came back. */
export async function send(form, fields) {
  const response = await fetch(form.dataset.storyAutosave, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    body: JSON.stringify(fields),
  }).catch(() => null);
  const isJson = response?.headers.get("Content-Type")?.includes("json");
  return { ...(isJson ? await response.json().catch(() => ({})) : {}), status: response?.status ?? 0 };
}

/** Send them as a form: the page that answers shows what is wrong, or both versions. */
export function submitFields(form, fields) {
  const sent = document.createElement("form");
  sent.method = "post";
  const token = { csrfmiddlewaretoken: [form.elements.csrfmiddlewaretoken.value] };
  for (const [name, values] of Object.entries({ ...token, ...fields })) {
    for (const value of values) {
      sent.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
  }
  document.body.append(sent);
  sent.submit();
}
