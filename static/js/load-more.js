// "Show more": the next piece takes the place of the button, and the first new link takes the focus (or, without one, the first new thing), so that who
// does not use a mouse goes on reading where the list went on.

let last = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  const block = event.detail.target?.closest?.("[data-load-more]");
  last = block ? block.previousElementSibling : null;
});

document.addEventListener("htmx:afterSettle", () => {
  const first = last?.nextElementSibling;
  last = null;
  const link = first?.querySelector("h2 a, h3 a") ?? first?.querySelector("a[href]");
  (link ?? first)?.focus({ preventScroll: true });
});
