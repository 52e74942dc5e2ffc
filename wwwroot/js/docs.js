// The documentation's part in the browser: which section is read, and the key that goes to the search. Without it everything is there and works.

/** <sync-contents>: marks the link to the section that stands at the top of the window. */
class SyncContents extends HTMLElement {
  connectedCallback() {
    this.links = [...this.querySelectorAll('a')].map(link => ({ link, heading: document.getElementById(decodeURIComponent(new URL(link.href).hash.slice(1))) })).filter(part => part.heading);
    this.look = () => {
      if (!this.waiting) {
        this.waiting = requestAnimationFrame(() => {
          this.waiting = 0;
          const read = this.links.findLast(part => part.heading.getBoundingClientRect().top < 120) ?? this.links[0];
          this.links.forEach(part => part.link.toggleAttribute('data-read', part === read));
        });
      }
    };
    addEventListener('scroll', this.look, { passive: true });
    this.look();
  }

  disconnectedCallback() {
    removeEventListener('scroll', this.look);
  }
}

customElements.define('sync-contents', SyncContents);

document.addEventListener('keydown', event => {
  if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest('input, textarea, select, [contenteditable], dialog')) {
    const field = [...document.querySelectorAll('.docs-search input')].find(input => input.checkVisibility());
    if (field) {
      event.preventDefault();
      field.focus();
    }
  }
});
