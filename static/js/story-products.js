// Products of a story: search as you type, choose, and take away again.

const PAUSE_MS = 250;

function fromTemplate(form, selector, product) {
  const item = form.querySelector(selector).content.firstElementChild.cloneNode(true);
  item.dataset.id = product.id;
  item.querySelector("[data-product-title]").textContent = product.title ?? product.id;
  item.querySelector("[data-product-shop]").textContent = product.shop ?? "";
  item.querySelector("[data-product-about]").textContent = product.title ?? product.id;
  return item;
}

export const chosenIds = (chosen) => [...chosen.children].map((chip) => Number(chip.dataset.id));

export function addChip(form, chosen, product) {
  if (!chosenIds(chosen).includes(Number(product.id))) chosen.append(fromTemplate(form, "[data-products-chip]", product));
}

export function bindProducts(form, part) {
  const query = part.querySelector("[data-products-query]");
  const chosen = part.querySelector('[data-part="products"]');
  const list = part.querySelector("[data-products-found]");
  const say = (text) => (part.querySelector("[data-products-said]").textContent = text);
  let timer;

  const look = async () => {
    const asked = query.value.trim();
    const answer = asked ? await fetch(`${form.dataset.storySearch}?${new URLSearchParams({ q: asked })}`) : null;
    if (asked !== query.value.trim()) return; // an older question; the newer one answers
    const products = answer ? (await answer.json()).products : [];
    list.replaceChildren(...products.map((product) => fromTemplate(form, "[data-products-choice]", product)));
    const found = form.dataset.storyFound.replace("{n}", products.length);
    say(!asked ? "" : products.length ? found : form.dataset.storyNone);
  };
  query.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => look().catch(() => say(form.dataset.storySearchFailed)), PAUSE_MS);
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[data-product-add]")?.closest("li");
    if (!item) return;
    const text = (name) => item.querySelector(name).textContent;
    const product = { id: item.dataset.id, title: text("[data-product-title]"), shop: text("[data-product-shop]") };
    addChip(form, chosen, product);
    item.remove();
    query.focus();
    form.dispatchEvent(new Event("change"));
  });
  chosen.addEventListener("click", (event) => {
    if (!event.target.closest("[data-product-remove]")) return;
    event.target.closest("li").remove();
    query.focus();
    form.dispatchEvent(new Event("change"));
  });
}
