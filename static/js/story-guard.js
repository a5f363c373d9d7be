// Nothing typed is lost by mistake: leaving with changes asks first, and Enter in a line of a part sends nothing.

export function guardChanges(form) {
  let isChanged = false;
  const change = () => {
    isChanged = true;
  };
  form.addEventListener("input", change);
  form.addEventListener("change", change);
  form.addEventListener("submit", () => {
    isChanged = false;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-story-list] input")) event.preventDefault();
  });
  addEventListener("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });
}
