// Point at a place on a picture: <div data-place="id_x id_y"> around the picture; a click writes where it was,
// in hundredths of the width and height, into these two number fields. Without script one types the numbers.

document.addEventListener("click", (event) => {
  const frame = event.target.closest("[data-place]");
  if (!frame || event.target.closest("a, button, [data-spot]")) return;
  const box = frame.getBoundingClientRect();
  const [across, down] = frame.dataset.place.split(" ").map((id) => document.getElementById(id));
  across.value = Math.round((100 * (event.clientX - box.left)) / box.width);
  down.value = Math.round((100 * (event.clientY - box.top)) / box.height);
  across.dispatchEvent(new Event("change", { bubbles: true }));
});
