// The command palette's part in the browser: the key that opens it, keys that must not move the caret, scrolling to what is chosen.

const partOf = link => link.dataset.jump ?? new URL(link.href, document.baseURI).searchParams.get('panel') ?? new URL(link.href, document.baseURI).hash.slice(1);

/** The parts the page has, by the links to them. */
export function parts() {
  return [...document.querySelectorAll('.jump a')].map(link => ({ id: partOf(link) || 'room', title: link.firstChild?.textContent.trim() ?? '', key: link.dataset.go ?? null }));
}

export function open(dialog) {
  if (!dialog.open) {
    dialog.showModal();
  }

  // The field comes with the render that follows.
  const focus = () => {
    const field = dialog.querySelector('.palette-input');
    return field ? (field.focus(), true) : false;
  };
  if (!focus()) {
    const watch = new MutationObserver(() => focus() && watch.disconnect());
    watch.observe(dialog, { childList: true, subtree: true });
  }
}

export function close(dialog) {
  dialog.close();
}

export function reveal(id) {
  document.getElementById(id)?.scrollIntoView({ block: 'nearest' });
}

/** What the browser does by itself. */
export function act(deed) {
  if (deed === 'keys') {
    document.dispatchEvent(new CustomEvent('sync-keys'));
  } else if (deed === 'sign-out') {
    document.querySelector('form.sign-out')?.requestSubmit();
  } else if (deed.startsWith('theme:')) {
    document.querySelector('sync-theme')?.choose(deed.slice('theme:'.length));
  }
}

/** Goes to a part of the page as its link would. */
export function goToPart(part) {
  [...document.querySelectorAll('.jump a')].find(link => (partOf(link) || 'room') === part)?.click();
}

/** Goes to the form in an element that may still be to come. */
export function goInto(id) {
  let tries = 40;
  const look = () => {
    const element = document.getElementById(id);
    const field = element?.querySelector('form input:not([disabled]), form select:not([disabled]), form textarea:not([disabled]), form button');
    if (field) {
      element.scrollIntoView({ block: 'center' });
      field.focus({ preventScroll: true });
    } else if (tries-- > 0) {
      setTimeout(look, 50);
    }
  };
  look();
}

class SyncPalette extends HTMLElement {
  connectedCallback() {
    this.onkey = event => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        const dialog = this.querySelector('dialog');
        if (dialog?.open) {
          dialog.close();
        } else {
          this.querySelector('button')?.click();
        }
      }
    };
    document.addEventListener('keydown', this.onkey);
    this.addEventListener('keydown', event => {
      if (event.target.classList.contains('palette-input') && ['ArrowUp', 'ArrowDown', 'Enter'].includes(event.key)) {
        event.preventDefault();
      }
    });

    // A click beside the box closes it, as Escape does.
    this.addEventListener('click', event => {
      if (event.target.localName === 'dialog') {
        event.target.close();
      }
    });
  }

  disconnectedCallback() {
    document.removeEventListener('keydown', this.onkey);
  }
}

if (!customElements.get('sync-palette')) {
  customElements.define('sync-palette', SyncPalette);
}
