// Rooms a person pinned, kept in this browser.

export function readPins() {
  try {
    const kept = JSON.parse(localStorage.getItem('sync.pins') ?? '[]');
    return Array.isArray(kept) ? kept.filter(id => typeof id === 'string').slice(0, 200) : [];
  } catch {
    return [];
  }
}

export function keepPins(pins) {
  try {
    localStorage.setItem('sync.pins', JSON.stringify(pins));
  } catch {
    // They hold for this page only.
  }
}

// The first steps, put away by who has seen them.

export function hidesSteps() {
  try {
    return localStorage.getItem('sync.steps') === 'hidden';
  } catch {
    return false;
  }
}

export function hideSteps() {
  try {
    localStorage.setItem('sync.steps', 'hidden');
  } catch {
    // They are away on this page only.
  }
}
