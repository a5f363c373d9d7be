// Before and after on top of each other, with a slider between them; without script they stand beside each other.

for (const figure of document.querySelectorAll("[data-compare]")) {
  const [before, after] = figure.querySelectorAll("img");
  if (!before || !after) continue;
  const range = figure.querySelector("[data-compare-range]");
  const show = () => figure.style.setProperty("--divide", `${range.value}%`);
  figure.classList.add("story-change--sliding");
  figure.querySelector("[data-compare-control]").hidden = false;
  range.addEventListener("input", show);
  show();
}
