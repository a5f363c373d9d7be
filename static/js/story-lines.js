// Lines of text and lists, as cms/rich_text.py has them: put together piece by piece, then made into elements.

const START = /^[ \t\r\n\f\u00a0]+/;
const END = /[ \t\r\n\f\u00a0]+$/;

export const newText = () => ({ lines: [[]], lists: [] });
export const newList = (tag, isOfWord = false) => ({ tag, isOfWord, items: [] });

/** Text as HTML means it: any white space is one space, and none where a line begins. */
export function addTo(text, words, { bold, italic, href }) {
  const line = text.lines.at(-1);
  let piece = words.replace(/[ \t\r\n\f]+/g, " ");
  if (!line.length || line.at(-1).piece.endsWith(" ")) piece = piece.replace(/^ /, "");
  const last = line.at(-1);
  const isSame = last && last.bold === bold && last.italic === italic && last.href === href;
  if (isSame) last.piece += piece;
  else if (piece) line.push({ piece, bold, italic, href });
}

function around(tag, ...children) {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
}

function lineNodes(line) {
  const runs = [...line];
  while (runs.length && !runs[0].piece.replace(START, "")) runs.shift();
  while (runs.length && !runs.at(-1).piece.replace(END, "")) runs.pop();
  if (runs.length) runs[0].piece = runs[0].piece.replace(START, "");
  if (runs.length) runs.at(-1).piece = runs.at(-1).piece.replace(END, "");
  const nodes = [];
  for (const { piece, bold, italic, href } of runs) {
    let node = italic ? around("i", piece) : document.createTextNode(piece);
    if (bold) node = around("b", node);
    const link = href && nodes.at(-1)?.getAttribute?.("href") === href ? nodes.at(-1) : around("a");
    if (href) link.setAttribute("href", href), link.append(node);
    if (link !== nodes.at(-1)) nodes.push(href ? link : node);
  }
  return nodes;
}

const joined = (lines) => lines.flatMap((nodes, place) => (place ? [document.createElement("br"), ...nodes] : nodes));

/** The lines as paragraphs: an empty line divides them. */
export function paragraphs(text) {
  const groups = [[]];
  for (const nodes of text.lines.map(lineNodes)) nodes.length ? groups.at(-1).push(nodes) : groups.push([]);
  return groups.filter((group) => group.length).map((group) => around("p", ...joined(group)));
}

/** The list, or nothing where no item has something in it. */
export function listNodes(list) {
  const inside = ({ lines, lists }) => [...joined(lines.map(lineNodes).filter((one) => one.length)), ...lists.flatMap(listNodes)];
  const items = list.items.map(inside).filter((nodes) => nodes.length);
  return items.length ? [around(list.tag, ...items.map((nodes) => around("li", ...nodes)))] : [];
}
