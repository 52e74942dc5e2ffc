// What the pages need from the browser and a circuit should not be asked for: ages that tick, the theme, scrolling,
// copying, a room's token. Each is a custom element that owns its content, so Blazor's diffs never meet it.

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

// A share link pasted into a tab that already shows the room changes only the fragment.
addEventListener('hashchange', () => {
  if (new URLSearchParams(location.hash.slice(1)).has('token')) {
    location.reload();
  }
});

/** <sync-age at="ISO time" [ago]>: how long ago that was, ticking; with the word for it inside a sentence. */
class SyncAge extends HTMLElement {
  static observedAttributes = ['at'];
  static shown = new Set();
  static clock = null;

  static text(ms) {
    const s = Math.max(0, Math.round(ms / 1000));
    if (s < 2) return 'now';
    if (s < 60) return `${s}s`;
    if (s < 3600) return `${Math.floor(s / 60)}m`;
    if (s < 86400) return `${Math.floor(s / 3600)}h`;
    return `${Math.floor(s / 86400)}d`;
  }

  connectedCallback() {
    SyncAge.shown.add(this);
    SyncAge.clock ??= setInterval(() => SyncAge.shown.forEach(age => age.tell()), 1000);
    this.tell();
  }

  disconnectedCallback() {
    SyncAge.shown.delete(this);
    if (SyncAge.shown.size === 0) {
      clearInterval(SyncAge.clock);
      SyncAge.clock = null;
    }
  }

  attributeChangedCallback() {
    const at = new Date(this.getAttribute('at'));
    this.title = Number.isNaN(at.getTime()) ? '' : at.toLocaleString();
    this.tell();
  }

  tell() {
    const at = Date.parse(this.getAttribute('at'));
    const age = Number.isNaN(at) ? '' : SyncAge.text(Date.now() - at);
    const text = age === '' || age === 'now' || !this.hasAttribute('ago') ? age : `${age} ago`;
    if (this.textContent !== text) {
      this.textContent = text;
    }
  }
}

/** <sync-follow>: a scroller that stays at its end while the reader is there, and lets go when they scroll up. */
class SyncFollow extends HTMLElement {
  connectedCallback() {
    this.atEnd = true;
    this.onscroll = () => { this.atEnd = this.scrollHeight - this.scrollTop - this.clientHeight < 48; };
    this.watch = new MutationObserver(() => this.follow());
    this.watch.observe(this, { childList: true, subtree: true });
    this.follow();
  }

  disconnectedCallback() {
    this.watch.disconnect();
  }

  follow() {
    if (this.atEnd) {
      this.scrollTop = this.scrollHeight;
    }
  }
}

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

/** <sync-copy from="element id">: a button that copies that element's text. */
class SyncCopy extends HTMLElement {
  connectedCallback() {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy-button';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', `Copy: ${this.getAttribute('label') ?? 'text'}`);
    button.onclick = async () => {
      const text = document.getElementById(this.getAttribute('from'))?.textContent ?? '';
      try {
        await navigator.clipboard.writeText(text.trim());
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'Press Ctrl+C';
        getSelection()?.selectAllChildren(document.getElementById(this.getAttribute('from')));
      }

      setTimeout(() => { button.textContent = 'Copy'; }, 1600);
    };
    this.replaceChildren(button);
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

customElements.define('sync-age', SyncAge);
customElements.define('sync-follow', SyncFollow);
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
