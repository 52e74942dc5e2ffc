// What a person types: Ctrl+Enter sends, and neither a text under the pen nor the place in the page is lost when the page is made anew.

document.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target.matches?.('[data-submit]')) {
    event.preventDefault();

    // The server hears of a text when it changes, which is otherwise on leaving the field.
    event.target.dispatchEvent(new Event('change', { bubbles: true }));
    event.target.form?.requestSubmit();
  }
});

/**
 * <sync-keep key="…">: the text of the field in it outlives the element, for this tab: a panel that is left, a page that is loaded again,
 * the circuit that takes over from what the server sent first. What was sent leaves an empty field, and nothing to keep.
 */
class SyncKeep extends HTMLElement {
  static key(key) {
    return `sync.kept.${key}`;
  }

  connectedCallback() {
    this.keep = () => {
      if (this.field) {
        this.store(storage => this.field.value ? storage.setItem(SyncKeep.key(this.kept), this.field.value) : storage.removeItem(SyncKeep.key(this.kept)));
      }
    };
    addEventListener('pagehide', this.keep);

    // The field comes with the same batch of changes, but after this element.
    queueMicrotask(() => this.restore());
  }

  disconnectedCallback() {
    removeEventListener('pagehide', this.keep);
    this.keep();
  }

  restore() {
    this.kept = this.getAttribute('key');
    this.field = this.querySelector('textarea, input');
    const text = this.store(storage => storage.getItem(SyncKeep.key(this.kept)));
    if (text && this.field && !this.field.value) {
      this.field.value = text;
      this.field.dispatchEvent(new CustomEvent('input', { bubbles: true, detail: { completed: true } }));
      this.field.dispatchEvent(new Event('change', { bubbles: true }));
    }
  }

  store(act) {
    try {
      return act(sessionStorage);
    } catch {
      return null; // Storage is switched off: the text lives in the page only.
    }
  }
}

customElements.define('sync-keep', SyncKeep);

// Until the circuit has taken over, the page is what the server sent first, and all of it is replaced. Who has begun to walk it by keyboard goes on where they were.
if (!document.querySelector('main[data-live]')) {
  const nameOf = element => element.id || element.getAttribute('aria-label') || element.getAttribute('href') || element.getAttribute('name');
  let left = null;
  const leave = event => { left = [event.target.localName, nameOf(event.target)]; };
  document.addEventListener('focusin', leave);
  const watch = new MutationObserver(() => {
    if (!document.querySelector('main[data-live]')) {
      return;
    }

    watch.disconnect();
    document.removeEventListener('focusin', leave);
    if (left?.[1] && document.activeElement === document.body) {
      [...document.querySelectorAll(left[0])].find(element => nameOf(element) === left[1])?.focus({ preventScroll: true });
    }
  });
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter: ['data-live'] });
}
