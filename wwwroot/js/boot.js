// Runs in the head, before the first paint and before Blazor reads the address: a chosen theme must not flash,
// and a room token must be out of the address bar before anything can send, log or bookmark it.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem('sync.theme');
    if (theme === 'light' || theme === 'dark') {
      root.dataset.theme = theme;
    }

    const room = /^\/rooms\/([^/]+)\/dashboard\/?$/.exec(location.pathname.slice(new URL(document.baseURI).pathname.length - 1));
    const token = room && new URLSearchParams(location.hash.slice(1)).get('token');
    if (token) {
      sessionStorage.setItem(`sync.token.${decodeURIComponent(room[1])}`, token);
      history.replaceState(history.state, '', location.pathname + location.search);
    }
  } catch {
    // Storage is switched off: the theme follows the system, and sync.js reads the token from the address.
  }
})();
