// Surfaces in the browser: cards that pack without gaps, and charts whose points are read out by pointer and arrow keys. What is shown is the server's; nothing here asks it for anything.

const step = 4;

// Columns that end within so many rows of each other count as equally low, so that cards of nearly one height stay in the order of the document.
const tolerance = 3;

// The last card is lowered by at most so many rows to go to the edge below what stands beside it.
const lowered = 24;

/**
 * <sync-pack>: a grid whose cards keep their own height. Each stands as far up as it can, in the order of the document, and what has nothing beside it is widened over the gap. Widened is only what is as high in any
 * width (tables, charts, numbers) or comes last: others would change their height, and with it where everything stands, without end. How many columns a card takes is the stylesheet's `--span`.
 */
class SyncPack extends HTMLElement {
  connectedCallback() {
    this.sized = new ResizeObserver(() => this.pack());
    this.listed = new MutationObserver(() => this.watch());
    this.listed.observe(this, { childList: true });
    this.watch();
  }

  disconnectedCallback() {
    this.sized.disconnect();
    this.listed.disconnect();
  }

  watch() {
    this.sized.disconnect();
    for (const card of this.children) {
      this.sized.observe(card);
    }

    this.pack();
  }

  pack() {
    const style = getComputedStyle(this);
    const gap = parseFloat(style.columnGap) || 16;
    const ends = new Array(style.gridTemplateColumns.split(' ').length).fill(0);
    const placed = [...this.children].map(card => {
      const span = Math.min(parseInt(getComputedStyle(card).getPropertyValue('--span'), 10) || 1, ends.length);
      const tops = ends.slice(0, ends.length - span + 1).map((_, column) => Math.max(...ends.slice(column, column + span)));
      const highest = Math.min(...tops);
      const column = tops.findIndex(top => top <= highest + tolerance);
      const rows = Math.max(1, Math.ceil((card.offsetHeight + gap) / step));
      ends.fill(tops[column] + rows, column, column + span);
      return { card, column, span, top: tops[column], rows };
    });

    const last = placed.at(-1);
    if (last?.span > 1 && last.column + last.span < ends.length) {
      const beside = placed.filter(other => other !== last && other.column + other.span > last.column);
      const top = Math.max(last.top, ...beside.map(other => other.top + other.rows));
      last.top = top - last.top <= lowered ? top : last.top;
    }

    for (const one of placed.filter(one => one === last || one.span > 1 || one.card.matches('.surface-metric')).filter(({ card }) => !card.querySelector('sync-diagram'))) {
      const beside = placed.filter(other => other.column >= one.column + one.span && other.top < one.top + one.rows && other.top + other.rows > one.top);
      const room = Math.min(ends.length, ...beside.map(other => other.column)) - one.column;
      one.span = one.span > 1 ? room : Math.min(room, 2);
    }

    for (const { card, column, span, top, rows } of placed) {
      place(card, 'gridColumn', `${column + 1} / span ${span}`);
      place(card, 'gridRow', `${top + 1} / span ${rows}`);
    }

    this.dataset.packed = '';
  }
}

function place(card, name, value) {
  if (card.style[name] !== value) {
    card.style[name] = value;
  }
}

const forms = {
  second: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  minute: { hour: '2-digit', minute: '2-digit' },
};
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** <sync-chart>: reads its points out where the pointer is, and at the arrow keys for who has none. */
class SyncChart extends HTMLElement {
  // The element is connected before its content is there, so that it listens on itself and looks for its content when something happens.
  connectedCallback() {
    if (!this.listens) {
      this.listens = true;
      this.addEventListener('pointermove', event => this.point(event));
      this.addEventListener('pointerdown', event => this.point(event));
      this.addEventListener('pointerleave', () => this.hide());
      this.addEventListener('focusin', event => event.target.matches('.chart-plot:focus-visible') && this.show(this.points().length - 1));
      this.addEventListener('focusout', () => this.hide());
      this.addEventListener('keydown', event => event.target.matches('.chart-plot') && this.key(event));
    }

    // The server writes its axis anew with every change; the reader's clock has to be put in again.
    this.changed = new MutationObserver(() => this.clocks());
    this.changed.observe(this, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ['datetime'] });
    this.clocks();
  }

  disconnectedCallback() {
    this.changed.disconnect();
  }

  get plot() {
    return this.querySelector('.chart-plot');
  }

  clocks() {
    for (const time of this.querySelectorAll('time[data-form]')) {
      const form = forms[time.dataset.form];
      const text = form && new Date(time.getAttribute('datetime')).toLocaleTimeString(undefined, form);
      if (text && time.textContent !== text) {
        time.firstChild.data = text;
      }
    }
  }

  points() {
    const text = this.plot?.dataset.readout ?? '';
    if (text !== this.read) {
      this.read = text;
      this.parsed = text.split('\n').filter(Boolean).map(line => {
        const [x, y, value, label] = line.split('\t');
        return { x: Number(x), y: Number(y), value, label: 'timed' in this.plot.dataset ? moment.format(Number(label)) : label };
      });
    }

    return this.parsed ?? [];
  }

  point(event) {
    if (!event.target.closest('.chart-plot')) {
      return;
    }

    const box = this.plot.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * 1000;
    const points = this.points();
    let best = 0;
    points.forEach((point, i) => {
      if (Math.abs(point.x - x) <= Math.abs(points[best].x - x)) {
        best = i;
      }
    });
    this.show(best);
  }

  key(event) {
    const last = this.points().length - 1;
    const from = this.at ?? last;
    const to = { ArrowLeft: from - 1, ArrowDown: from - 1, ArrowRight: from + 1, ArrowUp: from + 1, Home: 0, End: last, PageDown: from - 10, PageUp: from + 10 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.show(Math.min(Math.max(to, 0), last));
    } else if (event.key === 'Escape') {
      this.hide();
    }
  }

  show(index) {
    const point = this.points()[index];
    if (!point) {
      return;
    }

    this.at = index;
    const [cursor, tip] = [this.querySelector('.chart-cursor'), this.querySelector('.chart-tip')];
    cursor.style.left = `${point.x / 10}%`;
    cursor.style.setProperty('--y', `${point.y / 3}%`);
    tip.replaceChildren(Object.assign(document.createElement('b'), { textContent: point.value }), point.label ? ` ${point.label}` : '');
    tip.style.left = `${Math.min(Math.max(point.x / 10, 2), 98)}%`;
    tip.dataset.side = point.x > 500 ? 'left' : 'right';
    cursor.hidden = tip.hidden = false;
    this.plot.setAttribute('aria-valuenow', index + 1);
    this.plot.setAttribute('aria-valuetext', `${point.label ? `${point.label}: ` : ''}${point.value}`);
  }

  hide() {
    this.at = undefined;
    for (const mark of this.querySelectorAll('.chart-cursor, .chart-tip')) {
      mark.hidden = true;
    }
  }
}

customElements.define('sync-pack', SyncPack);
customElements.define('sync-chart', SyncChart);
