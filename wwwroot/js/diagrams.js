// Draws mermaid. The library puts style elements into the page it runs in, which the policy of these pages does not allow, and what it reads was written by agents. So it runs in a frame of its
// own, without an origin, and gives back a picture: an SVG as an image can load and run nothing.

let frame = null;
let waiting = new Map();
let asked = 0;

const dark = () => getComputedStyle(document.documentElement).colorScheme.includes('dark')
  && (document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';

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
  frame.element.contentWindow.postMessage({ id, text, dark: dark() }, '*');
  return answer;
}

/** <sync-diagram>: mermaid text in a code block, drawn when it comes into sight. The text stays one click away. */
class SyncDiagram extends HTMLElement {
  connectedCallback() {
    this.seen = new IntersectionObserver(entries => {
      if (entries.some(entry => entry.isIntersecting)) {
        this.seen.disconnect();
        this.show();
      }
    });
    this.seen.observe(this);
  }

  disconnectedCallback() {
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
      if (width && height) {
        image.width = Math.ceil(width);
        image.height = Math.ceil(height);
      }

      image.onload = () => {
        const source = document.createElement('details');
        const summary = document.createElement('summary');
        summary.textContent = 'Text of the diagram';
        source.append(summary, this.querySelector('pre'));
        this.replaceChildren(image, source);
      };
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    } catch {
      // It stays as text.
    }
  }
}

customElements.define('sync-diagram', SyncDiagram);
