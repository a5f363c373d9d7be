// Reads a pasted text into lines and lists; cms/rich_text.py does the same on the server.

const modules = document.querySelector("[data-story]").dataset;
const { addTo } = await import(modules.moduleLines);
const { Places } = await import(modules.modulePlaces);

const NUMBERED = /^\(?[0-9a-zA-Z]{1,3}[.)]/;
const isBlank = (words) => !words.replace(/[ \t\r\n\f\u00a0]/g, "");

export class Reader extends Places {
  hasNextCell = false;

  text(words, inside) {
    const list = this.lists.at(-1);
    if (inside.isMarker) {
      if (list?.items.length === 1 && NUMBERED.test(words.trim())) list.tag = "ol";
    } else if (this.isOpen || !isBlank(words)) {
      const text = this.openText();
      if (this.hasNextCell && !isBlank(words)) addTo(text, " · ", {}), (this.hasNextCell = false);
      addTo(text, words, { ...inside, bold: inside.bold || inside.isHeading });
    }
  }

  /** A block begins or ends: what follows is a new paragraph, a new line of an item, or goes on in a cell. */
  divide(isInCell) {
    if (!isInCell && !this.lists.length) this.isOpen = this.hasNextCell = false;
    else if (this.isOpen && isInCell) addTo(this.openText(), " ", {});
    else this.endLine();
  }

  endLine() {
    if (this.isOpen) this.openText().lines.push([]);
  }
}
