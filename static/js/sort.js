// Order by dragging. <ol data-sort data-sort-src="{% sortable_script_url %}"> with items that carry data-sort-id;
// the new order goes, joined by commas, into the [data-sort-order] input of the form around it (or of the form whose
// id is in data-sort-form, when the items have forms of their own), and the list
// tells it by a "sorted" event (hx-trigger="sorted"). Without npm or script the up and down buttons do it.

async function bind(list) {
  if (!list.dataset.sortSrc || list.dataset.sortBound) return;
  list.dataset.sortBound = "yes";
  const { default: Sortable } = await import(list.dataset.sortSrc);
  Sortable.create(list, {
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    handle: list.querySelector("[data-sort-handle]") ? "[data-sort-handle]" : undefined,
    onEnd: () => tellOrder(list),
  });
}

function tellOrder(list) {
  const ids = [...list.querySelectorAll("[data-sort-id]")].map((item) => item.dataset.sortId);
  const form = document.getElementById(list.dataset.sortForm) ?? list.closest("form");
  const input = form?.querySelector("[data-sort-order]");
  if (input) input.value = ids.join(",");
  list.dispatchEvent(new CustomEvent("sorted", { bubbles: true }));
}

const bindAll = (root) => root.querySelectorAll("[data-sort]").forEach(bind);
bindAll(document);
document.addEventListener("htmx:load", (event) => bindAll(event.target.parentElement ?? event.target));
