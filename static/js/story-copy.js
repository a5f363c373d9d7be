// A copy of what is not saved yet, in this tab alone: it outlives a reload, a log-out and a lost connection.

export function copyOf(form) {
  const key = `story ${form.dataset.storyAutosave}`;
  return {
    /** What a former page of this tab kept: {fields, isSent}, or nothing. */
    get() {
      try {
        return JSON.parse(sessionStorage.getItem(key));
      } catch {
        return null;
      }
    },
    /** Keep it; `isSent` when it is on its way in a form, and may arrive or not. */
    keep(fields, isSent = false) {
      try {
        sessionStorage.setItem(key, JSON.stringify({ fields, isSent }));
      } catch {
        // Storage is full or forbidden: the page itself still holds the text.
      }
    },
    forget: () => sessionStorage.removeItem(key),
  };
}
