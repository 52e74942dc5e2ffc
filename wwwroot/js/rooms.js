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
