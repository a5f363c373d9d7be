/** Say what is wrong at the part itself; no words, no problem. */
export function showProblem(part, text) {
  const problem = part.querySelector("[data-story-problem]");
  problem.textContent = text;
  problem.hidden = !text;
  part.classList.toggle("story-part--wrong", Boolean(text));
}
