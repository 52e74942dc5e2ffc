// Draws mermaid. The library puts style elements into the page it runs in, which the policy of these pages does not allow, and what it reads was written by agents. So it runs in a frame of its
// own, without an origin, and gives back a picture: an SVG as an image can load and run nothing.

let frame = null;
let waiting = new Map();
let asked = 0;

// Below this share of their size labels can no longer be read: then the picture scrolls.
const readable = 0.75;

const dark = () => getComputedStyle(document.documentElement).colorScheme.includes('dark')
  && (document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';

// The theme's colours as plain values, which the frame has no other way to know.
function look() {
  const style = getComputedStyle(document.documentElement);
  const of = name => style.getPropertyValue(`--mud-palette-${name}`).trim();
  return { text: of('text-primary'), quiet: of('text-secondary'), line: of('lines-inputs'), surface: of('surface'), ground: of('background-gray'), accent: of('primary') };
}

function start() {
  const element = document.createElement('iframe');
  element.src = new URL('diagrams/frame', document.baseURI);
  element.setAttribute('sandbox', 'allow-scripts');
  element.setAttribute('aria-hidden', 'true');
  element.tabIndex = -1;
  element.title = 'Draws diagrams';
  element.className = 'diagram-frame';
  const ready = new Promise(resolve => {
    addEventListener('message', event => {
      if (event.source !== element.contentWindow) {
        return;
      }

      if (event.data?.ready) {
        resolve();
      } else if (waiting.has(event.data?.id)) {
        waiting.get(event.data.id)(event.data);
        waiting.delete(event.data.id);
      }
    });
  });
  document.body.append(element);
  return { element, ready };
}

async function draw(text) {
  frame ??= start();
  await frame.ready;
  const id = ++asked;
  const answer = new Promise((resolve, reject) => {
    waiting.set(id, resolve);
    setTimeout(() => waiting.delete(id) && reject(new Error('It took too long.')), 15000);
  });
  frame.element.contentWindow.postMessage({ id, text, dark: dark(), look: look() }, '*');
  return answer;
}

const diagrams = new Set();
const redraw = () => diagrams.forEach(diagram => diagram.drawn && diagram.show());
new MutationObserver(redraw).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);

/** <sync-diagram>: mermaid text in a code block, drawn when it comes into sight, in the theme of the page. It has a size that can be read, is zoomed, and its text stays one click away. */
class SyncDiagram extends HTMLElement {
  connectedCallback() {
    diagrams.add(this);
    this.seen = new IntersectionObserver(entries => {
      if (entries.some(entry => entry.isIntersecting)) {
        this.seen.disconnect();
        this.show();
      }
    });
    this.seen.observe(this);
  }

  disconnectedCallback() {
    diagrams.delete(this);
    this.seen.disconnect();
  }

  async show() {
    const text = this.querySelector('code')?.textContent ?? '';
    if (!text.trim() || text.length > 20000) {
      return;
    }

    try {
      const { svg, width, height } = await draw(text);
      if (!svg || !this.isConnected) {
        return;
      }

      const image = new Image();
      image.alt = `Diagram: ${text.trim().split('\n')[0]}`;
      image.onload = () => this.place(image, Math.ceil(width || image.naturalWidth), Math.ceil(height || image.naturalHeight));
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    } catch {
      // It stays as text.
    }
  }

  place(image, width, height) {
    [image.width, image.height] = [width, height];
    this.width = width;
    if (this.drawn) {
      this.drawn.replaceWith(image);
    } else {
      const view = document.createElement('div');
      view.className = 'diagram-view';
      view.tabIndex = 0;
      view.setAttribute('role', 'region');
      view.setAttribute('aria-label', image.alt);
      view.append(image);
      const source = document.createElement('details');
      const summary = document.createElement('summary');
      summary.textContent = 'Text of the diagram';
      source.append(summary, this.querySelector('pre'));
      const tools = document.createElement('div');
      tools.className = 'diagram-tools';
      tools.append(
        this.button('−', 'Smaller', () => this.zoom(this.share / 1.25)),
        this.button('+', 'Larger', () => this.zoom(this.share * 1.25)),
        this.button('Fit', 'Fit to the card', () => this.zoom(this.fitting())),
        source);
      this.replaceChildren(view, tools);
    }

    this.drawn = image;
    this.zoom(this.share ?? Math.max(this.fitting(), readable));
  }

  button(text, label, press) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = text;
    button.title = label;
    button.setAttribute('aria-label', label);
    button.addEventListener('click', press);
    return button;
  }

  fitting() {
    return Math.min(1, (this.clientWidth || this.width) / this.width);
  }

  zoom(share) {
    this.share = Math.min(Math.max(share, 0.2), 4);
    this.drawn.style.width = `${Math.round(this.width * this.share)}px`;
  }
}

customElements.define('sync-diagram', SyncDiagram);
