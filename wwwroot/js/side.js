// Side panels: the focus goes in with them and back to what opened them, Escape closes them, and on a phone, where they cover the page, Tab stays inside.

const phone = matchMedia('(max-width: 720px)');
const reachable = 'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), summary, [tabindex]:not([tabindex="-1"])';

class SyncSide extends HTMLElement {
  connectedCallback() {
    // Moved within the document it is the same panel.
    this.opener ??= document.activeElement;
    this.addEventListener('keydown', event => this.key(event));
    // Its content comes with the same batch of changes, but after this element.
    queueMicrotask(() => (this.querySelector('[data-autofocus]') ?? this.firstElementChild)?.focus({ preventScroll: true }));
  }

  disconnectedCallback() {
    const lost = document.activeElement === document.body || document.activeElement === null;
    if (lost && this.opener?.isConnected) {
      this.opener.focus({ preventScroll: true });
    }
  }

  key(event) {
    // What floats above it goes first: a list of choices, a completion.
    if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('.mud-popover-open')) {
      event.stopPropagation();
      this.querySelector('[data-close]')?.click();
    } else if (event.key === 'Tab' && phone.matches) {
      const stops = [...this.querySelectorAll(reachable)].filter(stop => stop.offsetParent !== null);
      const [first, last] = [stops[0], stops.at(-1)];
      const leaves = event.shiftKey ? document.activeElement === first || document.activeElement === this.firstElementChild : document.activeElement === last;
      if (leaves) {
        event.preventDefault();
        (event.shiftKey ? last : first)?.focus();
      }
    }
  }
}

customElements.define('sync-side', SyncSide);

// With a modifier a link is the browser's: a new tab, a new window, a download. Pages turn plain clicks into steps, and would take these too.
addEventListener('click', event => {
  if ((event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) && event.target.closest?.('a[href]')) {
    event.stopImmediatePropagation();
  }
}, true);
