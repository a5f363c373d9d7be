// A small picture brings its large one into view without moving the page, and shows which one is in view.

for (const gallery of document.querySelectorAll("[data-gallery]")) {
  const row = gallery.querySelector("ul");
  const thumbs = [...gallery.querySelectorAll("a[href^='#']")];
  const items = thumbs.map((thumb) => document.getElementById(thumb.hash.slice(1)));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  thumbs.forEach((thumb, place) => {
    thumb.addEventListener("click", (event) => {
      event.preventDefault();
      row.scrollTo({ left: items[place].offsetLeft - row.offsetLeft, behavior: calm.matches ? "instant" : "smooth" });
    });
  });

  const watcher = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        thumbs.forEach((thumb, place) => {
          if (items[place] === entry.target) thumb.setAttribute("aria-current", "true");
          else thumb.removeAttribute("aria-current");
        });
      }
    },
    { root: row, threshold: 0.6 },
  );
  items.forEach((item) => watcher.observe(item));
}
