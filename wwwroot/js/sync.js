// What the pages need from the browser and a circuit should not be asked for: the theme, scrolling, copying, a room's token. Each is a custom element that owns its content, so Blazor's diffs never meet it.

const root = document.documentElement;
const tokenKey = room => `sync.token.${room}`;
let unstored = null;

/** The token kept for a room in this tab, or null. */
export function readToken(room) {
  try {
    const kept = sessionStorage.getItem(tokenKey(room));
    if (kept) {
      return kept;
    }
  } catch {
    // Storage is switched off: fall through to what this page itself knows.
  }

  return unstored ?? new URLSearchParams(location.hash.slice(1)).get('token');
}

/** Keeps a room's token for this tab. */
export function keepToken(room, token) {
  unstored = token;
  try {
    sessionStorage.setItem(tokenKey(room), token);
  } catch {
    // Kept in this page only.
  }
}

/** Forgets a room's token. */
export function forgetToken(room) {
  unstored = null;
  try {
    sessionStorage.removeItem(tokenKey(room));
  } catch {
    // Nothing was kept.
  }
}

/** Writes where the reader is into the address, without a navigation. */
export function tellPlace(query) {
  history.replaceState(history.state, '', location.pathname + query);
}

/** Saves what the server streams as a file. */
export async function save(name, content) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([await content.arrayBuffer()]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// A share link pasted into a tab that already shows the room changes only the fragment.
addEventListener('hashchange', () => {
  if (new URLSearchParams(location.hash.slice(1)).has('token')) {
    location.reload();
  }
});

const icons = {
  system: '<circle cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor"/>',
  light: '<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4"/>',
  dark: '<path d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z"/>',
};

/** <sync-theme>: a button that goes from the system's theme to light to dark and back. */
class SyncTheme extends HTMLElement {
  static order = ['system', 'light', 'dark'];

  connectedCallback() {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'icon-button';
    button.onclick = () => this.choose(SyncTheme.order[(SyncTheme.order.indexOf(this.chosen()) + 1) % 3]);
    this.replaceChildren(button);
    this.show();
  }

  chosen() {
    return root.dataset.theme ?? 'system';
  }

  choose(theme) {
    if (theme === 'system') {
      delete root.dataset.theme;
    } else {
      root.dataset.theme = theme;
    }

    try {
      if (theme === 'system') {
        localStorage.removeItem('sync.theme');
      } else {
        localStorage.setItem('sync.theme', theme);
      }
    } catch {
      // Holds for this page only.
    }

    document.querySelectorAll('sync-theme').forEach(other => other.show());
  }

  show() {
    const theme = this.chosen();
    const button = this.firstElementChild;
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true">${icons[theme]}</svg>`;
    button.setAttribute('aria-label', `Theme: ${theme}`);
    button.title = `Theme: ${theme}`;
  }
}

/** Says something to screen readers alone. */
export function announce(text) {
  let place = document.getElementById('sync-announced');
  if (!place) {
    place = document.createElement('p');
    place.id = 'sync-announced';
    place.className = 'sr-only';
    place.setAttribute('role', 'status');
    document.body.append(place);
  }

  // The same words twice are news twice.
  place.textContent = '';
  requestAnimationFrame(() => { place.textContent = text; });
}

/** Copies a text; whether that worked. A page that is no secure context has no clipboard but what a selection gives it. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'sr-only';
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    focused?.focus({ preventScroll: true });
    return copied;
  }
}

/** Copies a text for a button, which then says so for a moment. */
export async function copyTo(button, text) {
  const copied = await copyText(text);
  announce(copied ? 'Copied' : 'The browser did not let it be copied');
  button.dataset.copied = copied ? 'yes' : 'no';
  setTimeout(() => delete button.dataset.copied, 1600);
  return copied;
}

/** Copies the address of the page as it is. */
export function copyAddress() {
  return copyText(location.href.split('#')[0]);
}

/**
 * <sync-copy from="element id" | link="address within the site">: a button that copies that element's text, or that address in full;
 * with icon="link" it is a small one.
 */
class SyncCopy extends HTMLElement {
  connectedCallback() {
    const button = document.createElement('button');
    const label = this.getAttribute('label') ?? 'text';
    button.type = 'button';
    if (this.hasAttribute('icon')) {
      button.className = 'icon-button copy-icon';
      button.title = `Copy ${label}`;
      button.setAttribute('aria-label', `Copy ${label}`);
      button.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1"/></svg>';
      button.onclick = () => copyTo(button, this.text());
    } else {
      button.className = 'copy-button';
      button.textContent = 'Copy';
      button.setAttribute('aria-label', `Copy: ${label}`);
      button.onclick = async () => {
        const copied = await copyTo(button, this.text());
        button.textContent = copied ? 'Copied' : 'Press Ctrl+C';
        if (!copied && this.hasAttribute('from')) {
          getSelection()?.selectAllChildren(document.getElementById(this.getAttribute('from')));
        }

        setTimeout(() => { button.textContent = 'Copy'; }, 1600);
      };
    }

    this.replaceChildren(button);
  }

  text() {
    return this.hasAttribute('link')
      ? new URL(this.getAttribute('link'), document.baseURI).href
      : (document.getElementById(this.getAttribute('from'))?.textContent ?? '').trim();
  }
}

/** <sync-download from="element id" name="file name">: a button that saves that element's text as a file. */
class SyncDownload extends HTMLElement {
  connectedCallback() {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy-button';
    button.textContent = 'Download';
    button.setAttribute('aria-label', `Download: ${this.getAttribute('label') ?? 'text'}`);
    button.onclick = () => {
      const text = document.getElementById(this.getAttribute('from'))?.textContent ?? '';
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([`${text.trim()}\n`], { type: 'text/plain' }));
      link.download = this.getAttribute('name') ?? 'text.txt';
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    };
    this.replaceChildren(button);
  }
}

/**
 * <sync-reveal>: brings the list item, what is marked by data-reveal, or else what it stands in, into sight when it appears:
 * within its scroller, from its top if it does not fit, or on the page.
 */
class SyncReveal extends HTMLElement {
  connectedCallback() {
    const item = this.closest('[data-reveal], li') ?? this.parentElement;
    const scroller = item.closest('.scroll');
    const reveal = () => {
      const inner = item.getBoundingClientRect();
      if (!scroller && (inner.top < 100 || inner.top > innerHeight - 120)) {
        item.scrollIntoView({ block: inner.top < 100 ? 'start' : 'center' });
      }

      const outer = scroller?.getBoundingClientRect();
      if (scroller && inner.bottom > outer.bottom) {
        scroller.scrollTop += Math.min(inner.bottom - outer.bottom, inner.top - outer.top);
      }
    };

    requestAnimationFrame(reveal);
    if (scroller) {
      // What it shows may come a moment later and make it taller.
      setTimeout(() => this.isConnected && reveal(), 250);
    }
  }
}

/** <sync-tabs>: a row of links that the arrow keys walk. */
class SyncTabs extends HTMLElement {
  connectedCallback() {
    // The current one is in sight, on a phone too; only the row scrolls, not the page.
    const reveal = () => {
      const row = this.parentElement;
      const link = this.querySelector('[aria-current]');
      const [inner, outer] = [link?.getBoundingClientRect(), row?.getBoundingClientRect()];
      // What is in sight already stays under the pointer.
      if (row && link && (inner.left < outer.left || inner.right > outer.right)) {
        row.scrollLeft += link.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - link.offsetWidth) / 2;
      }
    };
    this.watch = new MutationObserver(reveal);
    // Its links may come after it.
    this.watch.observe(this, { subtree: true, childList: true, attributeFilter: ['aria-current'] });
    reveal();
    this.addEventListener('keydown', event => {
      const links = [...this.querySelectorAll('a')];
      const at = links.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: links.length - 1 }[event.key];
      if (at >= 0 && to !== undefined) {
        event.preventDefault();
        links[(to + links.length) % links.length].focus();
      }
    });
  }

  disconnectedCallback() {
    this.watch?.disconnect();
  }
}

/** <sync-graph>: marks what the pointed or focused node of a drawing hangs together with. */
class SyncGraph extends HTMLElement {
  connectedCallback() {
    this.addEventListener('mouseover', event => this.show(event.target));
    this.addEventListener('mouseleave', () => this.show(document.activeElement));
    this.addEventListener('focusin', event => this.show(event.target));
    this.addEventListener('focusout', () => this.show(null));
  }

  show(target) {
    const node = this.contains(target) ? target.closest?.('[data-node]')?.dataset.node : undefined;
    this.querySelectorAll('.lit').forEach(lit => lit.classList.remove('lit'));
    this.classList.toggle('lighting', node !== undefined);
    if (node === undefined) {
      return;
    }

    const lit = new Set([node]);
    const follow = (from, side, other) => this.querySelectorAll(`[${side}="${from}"]`).forEach(edge => {
      edge.classList.add('lit');
      const next = edge.getAttribute(other);
      if (!lit.has(next)) {
        lit.add(next);
        follow(next, side, other);
      }
    });
    follow(node, 'data-from', 'data-to');
    follow(node, 'data-to', 'data-from');
    lit.forEach(id => this.querySelector(`[data-node="${id}"]`)?.classList.add('lit'));
  }
}

/** <sync-complete names="[…]">: completes names in the text area inside it. Ctrl+Space or typing opens, arrows choose, Enter or Tab takes, Escape closes. */
class SyncComplete extends HTMLElement {
  static observedAttributes = ['names'];
  static last = 0;
  names = [];
  shown = [];
  chosen = 0;

  attributeChangedCallback() {
    try {
      this.names = JSON.parse(this.getAttribute('names') ?? '[]');
    } catch {
      this.names = [];
    }
  }

  connectedCallback() {
    this.list = document.createElement('ul');
    this.list.className = 'completions';
    this.list.id = `completions-${++SyncComplete.last}`;
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', 'Names');
    this.list.hidden = true;
    this.append(this.list);
    this.addEventListener('keydown', event => this.key(event), true);
    this.addEventListener('input', event => { if (!event.detail?.completed) this.open(1); });
    this.addEventListener('focusout', () => this.close());
    this.list.addEventListener('mousedown', event => {
      const option = event.target.closest('li');
      if (option) {
        event.preventDefault();
        this.take([...this.list.children].indexOf(option));
      }
    });
    const area = this.querySelector('textarea');
    area?.setAttribute('aria-autocomplete', 'list');
    area?.setAttribute('aria-controls', this.list.id);
  }

  disconnectedCallback() {
    this.list?.remove();
  }

  word(area) {
    return /[A-Za-z_][\w.["\]-]*$/.exec(area.value.slice(0, area.selectionStart))?.[0] ?? '';
  }

  open(least) {
    const area = this.querySelector('textarea');
    const word = this.word(area).toLowerCase();
    if (word.length < least) {
      this.close();
      return;
    }

    const last = word.split('.').at(-1);
    const starts = this.names.filter(name => name.toLowerCase().startsWith(word) && name.toLowerCase() !== word);
    const holds = word.includes('.') || last.length < 2 ? [] : this.names.filter(name => !starts.includes(name) && name.toLowerCase().includes(last) && name.toLowerCase() !== word);
    // The next level before what lies deeper.
    starts.sort((a, b) => a.split('.').length - b.split('.').length || a.localeCompare(b));
    this.shown = [...starts, ...holds].slice(0, 12);
    this.chosen = 0;
    if (this.shown.length === 0) {
      this.close();
      return;
    }

    this.list.replaceChildren(...this.shown.map((name, i) => {
      const option = document.createElement('li');
      option.id = `${this.list.id}-${i}`;
      option.setAttribute('role', 'option');
      option.textContent = name;
      return option;
    }));
    this.list.hidden = false;
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((option, i) => option.setAttribute('aria-selected', String(i === this.chosen)));
    this.querySelector('textarea').setAttribute('aria-activedescendant', `${this.list.id}-${this.chosen}`);
    this.list.children[this.chosen]?.scrollIntoView({ block: 'nearest' });
  }

  close() {
    this.list.hidden = true;
    const area = this.querySelector('textarea');
    area?.removeAttribute('aria-activedescendant');
  }

  key(event) {
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      this.open(0);
      return;
    }

    if (this.list.hidden) {
      return;
    }

    if (event.key === 'Escape') {
      event.stopPropagation();
      this.close();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      this.chosen = (this.chosen + (event.key === 'ArrowDown' ? 1 : -1) + this.shown.length) % this.shown.length;
      this.mark();
    } else if ((event.key === 'Enter' && !event.ctrlKey && !event.metaKey) || (event.key === 'Tab' && !event.shiftKey)) {
      event.preventDefault();
      this.take(this.chosen);
    } else if (event.key === 'Enter') {
      this.close();
    }
  }

  take(i) {
    const area = this.querySelector('textarea');
    const word = this.word(area);
    area.setRangeText(this.shown[i], area.selectionStart - word.length, area.selectionStart, 'end');
    this.close();
    area.dispatchEvent(new CustomEvent('input', { bubbles: true, detail: { completed: true } }));
    area.focus();
  }
}

customElements.define('sync-reveal', SyncReveal);
customElements.define('sync-tabs', SyncTabs);
customElements.define('sync-graph', SyncGraph);
customElements.define('sync-complete', SyncComplete);
customElements.define('sync-theme', SyncTheme);
customElements.define('sync-copy', SyncCopy);
customElements.define('sync-download', SyncDownload);

// The connection's state, for the header and the reconnect notice. Blazor tells it by an event on the notice.
const notice = document.getElementById('components-reconnect-modal');
notice?.addEventListener('components-reconnect-state-changed', ({ detail }) => {
  if (detail.state === 'hide') {
    delete root.dataset.connection;
  } else if (detail.state === 'rejected') {
    // The server no longer knows this page (it restarted): only a fresh one can be live again.
    location.reload();
  } else {
    root.dataset.connection = detail.state;
  }
});
notice?.querySelector('[data-reconnect]')?.addEventListener('click', async () => {
  try {
    if (!await Blazor.reconnect()) {
      location.reload();
    }
  } catch {
    root.dataset.connection = 'failed';
  }
});

// A jump link moves focus as well as the view, and leaves the address alone.
document.addEventListener('click', event => {
  const link = event.target.closest?.('[data-jump]');
  const target = link && document.getElementById(link.dataset.jump);
  if (target) {
    event.preventDefault();
    target.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    target.focus({ preventScroll: true });
  }
});
