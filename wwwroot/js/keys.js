// Single keys, for those who do not reach for the mouse: g and a letter go to a panel, j and k walk a list, others press the button that is marked with them. The page keeps
// its own markup: data-list a list, data-row what is walked in it, data-key what a key presses, data-go what a letter after g goes to, data-filter the field of a panel's filter.
// Single keys can be switched off (WCAG 2.2, 2.1.4), and none is one while something is being written.

const stored = 'sync.keys';
const sequence = 1500;
let goneAt = -Infinity;
let lastList = null;

/** Whether single keys are on. */
export function areOn() {
  try {
    return localStorage.getItem(stored) !== 'off';
  } catch {
    return true;
  }
}

function turn(on) {
  try {
    if (on) {
      localStorage.removeItem(stored);
    } else {
      localStorage.setItem(stored, 'off');
    }
  } catch {
    // Holds until the page is left: there is nowhere to keep it.
  }
}

/** Opens the sheet of keys. */
export function openSheet() {
  const sheet = document.querySelector('.key-sheet');
  if (sheet && !sheet.open) {
    sheet.querySelector('[data-single-keys]').checked = areOn();
    sheet.showModal();
  }
}

const inSight = element => element.getClientRects().length > 0 && !element.disabled;
const first = (scope, selector) => [...(scope?.querySelectorAll(selector) ?? [])].find(inSight);
const main = () => document.getElementById('main');

function isWriting(target) {
  return target.closest?.('textarea, select, [contenteditable="true"], [role="combobox"], [role="menu"], dialog[open], .mud-dialog')
    || (target.localName === 'input' && !['checkbox', 'radio', 'range', 'button'].includes(target.type));
}

// What stands around the focus, the nearest first, then the page.
function* around() {
  for (let scope = document.activeElement?.closest('[data-row], li, .message, .detail, .side, .panel'); scope; scope = scope.parentElement?.closest('li, .message, .detail, .side, .panel')) {
    yield scope;
  }

  yield first(document, '.side');
  yield first(document, '.detail');
  yield main();
  yield document;
}

function press(selector) {
  for (const scope of around()) {
    const found = first(scope, selector);
    if (found) {
      found.click();
      return true;
    }
  }

  return false;
}

function walk(by) {
  const at = document.activeElement?.closest('[data-row]');
  const list = at?.closest('[data-list]') ?? (lastList?.isConnected && inSight(lastList) ? lastList : first(main(), '[data-list]'));
  if (!list) {
    return false;
  }

  lastList = list;
  const rows = [...list.querySelectorAll('[data-row]')].filter(inSight);
  const { top, bottom } = list.getBoundingClientRect();
  const here = rows.indexOf(at);
  // From outside one begins with the first that is in sight, in a thread with the last.
  const isThread = list.localName === 'sync-thread';
  const seen = rows.filter(row => { const box = row.getBoundingClientRect(); return box.top >= top - 1 && box.bottom <= bottom + 1; });
  const next = here >= 0 ? rows[here + by] : (isThread ? seen.at(-1) ?? rows.at(-1) : seen[0] ?? rows[0]);
  next?.focus({ focusVisible: true });
  next?.scrollIntoView({ block: 'nearest' });
  return true;
}

function toFilter() {
  for (const scope of around()) {
    const field = first(scope, '[data-filter]');
    if (field) {
      field.focus();
      field.select?.();
      return true;
    }
  }

  return false;
}

// The field may be on a panel that is still to come.
export function compose() {
  const field = first(main(), '[data-compose]');
  if (field) {
    field.focus();
    return true;
  }

  const tab = document.querySelector('.jump a[data-go="m"]');
  if (!tab) {
    return false;
  }

  tab.click();
  const watch = new MutationObserver(() => {
    const come = first(main(), '[data-compose]');
    if (come) {
      watch.disconnect();
      come.focus();
    }
  });
  watch.observe(main(), { childList: true, subtree: true });
  setTimeout(() => watch.disconnect(), 3000);
  return true;
}

function key(event) {
  const isSequence = performance.now() - goneAt < sequence;
  goneAt = -Infinity;
  if (isSequence && /^[a-z]$/.test(event.key)) {
    const to = first(document, `[data-go="${event.key}"]`);
    to?.click();
    return to !== undefined;
  }

  switch (event.key) {
    case 'g':
      goneAt = performance.now();
      return true;
    case '?':
      openSheet();
      return true;
    case '.':
      return press('.palette-button');
    case '/':
      return toFilter();
    case 'j':
      return walk(1);
    case 'k':
      return walk(-1);
    case 'c':
      return compose();
    default:
      return /^[a-z[\]]$/.test(event.key) && press(`[data-key="${event.key}"]`);
  }
}

document.addEventListener('keydown', event => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isWriting(event.target)) {
    return;
  }

  if (event.key === 'Escape') {
    const closes = [...(main()?.querySelectorAll('[data-close]') ?? [])].filter(inSight).at(-1);
    closes?.click();
  } else if (areOn() && key(event)) {
    event.preventDefault();
  }
});

// In a filter Escape goes back to the list, and Enter to its first line.
document.addEventListener('keydown', event => {
  if (event.target.matches?.('input[data-filter]') && (event.key === 'Escape' || event.key === 'Enter') && !event.defaultPrevented) {
    event.target.blur();
    lastList = first(event.target.closest('.panel') ?? main(), '[data-list]') ?? lastList;
    if (event.key === 'Enter' && walk(1)) {
      event.preventDefault();
    }
  }
});

document.addEventListener('sync-keys', openSheet);
document.addEventListener('change', event => {
  if (event.target.matches?.('[data-single-keys]')) {
    turn(event.target.checked);
  }
});
document.addEventListener('click', event => {
  if (event.target.closest?.('[data-close-sheet]') || event.target.matches?.('dialog.key-sheet')) {
    event.target.closest('dialog').close();
  } else if (event.target.closest?.('[data-open-sheet]')) {
    openSheet();
  }
});
