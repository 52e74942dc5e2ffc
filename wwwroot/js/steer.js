// What a person types: Ctrl+Enter sends, and a text under the pen outlives a page that had to be loaded again.

document.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target.matches?.('[data-submit]')) {
    event.preventDefault();

    // The server hears of a text when it changes, which is otherwise on leaving the field.
    event.target.dispatchEvent(new Event('change', { bubbles: true }));
    event.target.form?.requestSubmit();
  }
});

/** <sync-draft key="…">: keeps the text of the field in it for this tab, until it is empty again. */
class SyncDraft extends HTMLElement {
  connectedCallback() {
    // The field comes with the same batch of changes, but after this element.
    queueMicrotask(() => this.watch());
  }

  watch() {
    const field = this.querySelector('textarea, input');
    if (!field) {
      return;
    }

    const key = `sync.draft.${this.getAttribute('key')}`;
    const store = act => {
      try {
        return act(sessionStorage);
      } catch {
        return null; // Storage is switched off: the text lives in the page only.
      }
    };
    const kept = store(storage => storage.getItem(key));
    if (kept && !field.value) {
      field.value = kept;
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }

    const keep = () => store(storage => field.value ? storage.setItem(key, field.value) : storage.removeItem(key));
    field.addEventListener('input', keep);

    // After it was sent the server empties the field, which fires nothing.
    field.form?.addEventListener('submit', () => store(storage => storage.removeItem(key)));
  }
}

customElements.define('sync-draft', SyncDraft);
