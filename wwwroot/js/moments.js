// Moments: how long ago, and when exactly. The server does not know the reader's clock and zone, so the browser writes them.

/** A moment in full, to the millisecond: "Sun 29 Nov 2026, 14:02:33.123 GMT+1". */
export function inFull(at) {
  const date = at.toLocaleDateString([], { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  const time = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23', timeZoneName: 'short' });
  return `${date}, ${time}`;
}

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
    this.tell();
  }

  tell() {
    const at = Date.parse(this.getAttribute('at'));
    // In a page turned back to a moment, ages are of that moment.
    const now = Date.parse(this.closest('[data-at]')?.dataset.at) || Date.now();
    const age = Number.isNaN(at) ? '' : SyncAge.text(now - at);
    const text = age === '' || age === 'now' || !this.hasAttribute('ago') ? age : `${age} ago`;
    if (this.textContent !== text) {
      this.textContent = text;
    }
  }
}

/** <sync-when at="ISO time" [full]>: that moment on the reader's clock: "14:02 yesterday"; or in full. */
class SyncWhen extends HTMLElement {
  static observedAttributes = ['at'];

  attributeChangedCallback() {
    const at = new Date(this.getAttribute('at'));
    if (Number.isNaN(at.getTime())) {
      return;
    }

    if (this.hasAttribute('full')) {
      this.textContent = inFull(at);
      return;
    }

    const day = date => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
    const days = Math.round((day(new Date()) - day(at)) / 86400000);
    const time = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: days === 0 ? '2-digit' : undefined });
    const date = days === 0 ? 'today' : days === 1 ? 'yesterday' : at.toLocaleDateString([], { day: 'numeric', month: 'short', year: days > 300 ? 'numeric' : undefined });
    this.textContent = `${time} ${date}`;
  }
}

customElements.define('sync-age', SyncAge);
customElements.define('sync-when', SyncWhen);

// The moment in full, beside what is pointed at, or beside the moment of the line that has the keyboard's focus. One tip for the whole page:
// it may stand over any scroller, it can be pointed at, and Escape sends it away (WCAG 2.2, 1.4.13).
const tip = document.createElement('div');
tip.id = 'sync-moment';
tip.className = 'moment-tip';
tip.setAttribute('role', 'tooltip');
tip.hidden = true;
let told = null;
let described = null;

function tell(moment, line) {
  const at = new Date(moment.getAttribute('at'));
  if (Number.isNaN(at.getTime()) || moment.hasAttribute('full')) {
    return;
  }

  hush();
  if (!tip.isConnected) {
    document.body.append(tip);
  }

  [told, described] = [moment, line];
  described?.setAttribute('aria-describedby', tip.id);
  tip.textContent = inFull(at);
  tip.hidden = false;
  const box = moment.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.right - tip.offsetWidth, innerWidth - tip.offsetWidth - 8));
  const above = box.top - tip.offsetHeight - 4;
  tip.style.left = `${left}px`;
  tip.style.top = `${above < 8 ? box.bottom + 4 : above}px`;
}

function hush() {
  tip.hidden = true;
  if (described?.getAttribute('aria-describedby') === tip.id) {
    described.removeAttribute('aria-describedby');
  }

  [told, described] = [null, null];
}

const momentAt = element => element?.closest?.('sync-age, sync-when');
document.addEventListener('mouseover', event => {
  const moment = momentAt(event.target);
  if (moment) {
    tell(moment, null);
  } else if (told && !described && !tip.contains(event.target)) {
    hush();
  }
});
document.addEventListener('focusin', event => {
  const moment = event.target.matches?.(':focus-visible') && !event.target.matches('main, section, aside, input, textarea, select')
    ? event.target.querySelector('sync-age, sync-when') ?? (event.target.closest('[data-moment]')?.querySelector('sync-age, sync-when'))
    : null;
  if (moment) {
    tell(moment, event.target);
  } else {
    hush();
  }
});
document.addEventListener('focusout', hush);
document.addEventListener('scroll', hush, { capture: true, passive: true });
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && told) {
    hush();
  }
});
