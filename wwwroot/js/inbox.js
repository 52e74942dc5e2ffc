// What waits for a person: before the page's title, as notifications of the browser where they switched those on, and by keys in the inbox.

const kept = 'sync.notify';

/** <sync-waiting count="3">: the title of the page begins with "(3)". The page writes its title itself, at each step; the count is put before it again. */
class SyncWaiting extends HTMLElement {
  static observedAttributes = ['count'];

  connectedCallback() {
    this.watch = new MutationObserver(() => this.show());
    this.watch.observe(document.head, { subtree: true, childList: true, characterData: true });
    this.show();
  }

  disconnectedCallback() {
    this.watch?.disconnect();
    this.write('');
  }

  attributeChangedCallback() {
    this.show();
  }

  show() {
    const count = Number(this.getAttribute('count')) || 0;
    this.write(count > 0 ? `(${count}) ` : '');
  }

  // In place: the page keeps a hold of the text, and would write into nothing if it were another.
  write(before) {
    const text = [...document.querySelector('head title')?.childNodes ?? []].find(node => node.nodeType === Node.TEXT_NODE);
    if (text) {
      const now = before + text.data.replace(/^\(\d+\) /, '');
      if (text.data !== now) {
        text.data = now;
      }
    }
  }
}

if (!customElements.get('sync-waiting')) {
  customElements.define('sync-waiting', SyncWaiting);
}

function isOn() {
  try {
    return localStorage.getItem(kept) === 'on';
  } catch {
    return false;
  }
}

/** "on", "off", "blocked" by the person's browser, or "none" where it has no notifications. */
export function notifications() {
  return !('Notification' in self) || !isSecureContext ? 'none' : Notification.permission === 'denied' ? 'blocked' : isOn() && Notification.permission === 'granted' ? 'on' : 'off';
}

/** Switches them on, which asks the browser, or off. Answers what they are then. */
export async function switchNotifications(on) {
  if (on && 'Notification' in self && Notification.permission === 'default') {
    await Notification.requestPermission();
  }

  try {
    localStorage.setItem(kept, on ? 'on' : 'off');
  } catch {
    return 'none';
  }

  return notifications();
}

/** Shows one, unless somebody looks at this page anyway. Tabs of one browser show it once: they name it alike. */
export function notify(title, body, tag, address) {
  if (notifications() !== 'on' || document.visibilityState === 'visible') {
    return;
  }

  try {
    const shown = new Notification(title, { body, tag, icon: new URL('favicon.svg', document.baseURI).href });
    shown.onclick = () => {
      focus();
      shown.close();
      location.assign(address);
    };
  } catch {
    // Some phones have them for installed pages alone.
  }
}

const steering = new Set(['j', 'k', 'a', 'e', 'r', 'u', 'Enter', 'ArrowDown', 'ArrowUp']);
const deciding = new Set(['a', 'e', 'r', 'u']);

/**
 * Hands the inbox's keys to the page, where nothing else takes them: no field, no button for Enter, no dialog. Answers what ends it.
 *
 * A key that decides does one thing: it is not repeated by being held, and no key is taken until the page has done it. Whoever writes a note at once, after an r, writes letters that would decide
 * otherwise; so the field that r leads to has the focus here already, before the page knows.
 */
export function takeKeys(page) {
  let goneAt = -Infinity;
  let isDeciding = false;
  const listen = event => {
    const target = event.target;
    // The letter after a g goes somewhere, or nowhere: it decides nothing.
    const isSequence = performance.now() - goneAt < 1500;
    goneAt = event.key === 'g' ? performance.now() : -Infinity;
    if (isSequence) {
      return;
    }

    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !steering.has(event.key) || document.querySelector('dialog[open], .mud-dialog, .mud-popover-open')) {
      return;
    }

    const inList = target.closest?.('.inbox-list');
    if (target.closest?.('input, textarea, select, [contenteditable]') || (event.key.startsWith('Arrow') && !inList) || (event.key === 'Enter' && target.closest?.('a, button, summary'))) {
      return;
    }

    if (event.key.length === 1 && areOff()) {
      return;
    }

    event.preventDefault();
    if (isDeciding || (event.repeat && deciding.has(event.key))) {
      return;
    }

    if (event.key === 'r') {
      document.querySelector('.inbox-item [data-answer]')?.focus();
    }

    isDeciding = deciding.has(event.key);
    page.invokeMethodAsync('KeyAsync', event.key).catch(() => {}).finally(() => { isDeciding = false; });
  };
  addEventListener('keydown', listen);
  return { stop: () => removeEventListener('keydown', listen) };
}

// Keys of one letter can be switched off (WCAG 2.1.4).
function areOff() {
  try {
    return localStorage.getItem('sync.keys') === 'off';
  } catch {
    return false;
  }
}

/** Brings an item of the list into sight. */
export function show(key) {
  document.querySelector(`.inbox-row[data-item="${CSS.escape(key)}"]`)?.scrollIntoView({ block: 'nearest' });
}

/** Whether the page is so wide that list and item stand beside one another. */
export function isWide() {
  return matchMedia('(min-width: 900px)').matches;
}

/**
 * Tells the page when what it shows has been seen: in sight, in a window that somebody looks at, for a moment.
 * @param {HTMLElement} mark stands at the end of what is shown; its data-up-to says how far that goes
 */
export function seen(mark, page) {
  let [inSight, told, timer] = [false, '', 0];
  const look = () => {
    clearTimeout(timer);
    if (inSight && document.visibilityState === 'visible' && document.hasFocus() && mark.dataset.upTo !== told) {
      timer = setTimeout(() => {
        told = mark.dataset.upTo;
        page.invokeMethodAsync('SeenAsync', Number(told)).catch(() => {});
      }, 700);
    }
  };
  const sight = new IntersectionObserver(entries => {
    inSight = entries.at(-1).isIntersecting;
    look();
  });
  sight.observe(mark);
  const change = new MutationObserver(look);
  change.observe(mark, { attributes: true });
  document.addEventListener('visibilitychange', look);
  addEventListener('focus', look);
  addEventListener('blur', look);
  return {
    stop: () => {
      clearTimeout(timer);
      sight.disconnect();
      change.disconnect();
      document.removeEventListener('visibilitychange', look);
      removeEventListener('focus', look);
      removeEventListener('blur', look);
    },
  };
}
