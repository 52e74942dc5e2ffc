/**
 * <sync-thread>: a scroller of lines with the newest last. It stays at its end while the reader is there; elsewhere the line under their eyes stays where it is, whatever comes or goes
 * around it. With data-behind its end is not the newest, and there is nothing to follow. Another data-turn goes to the end, another data-point to the message of that number.
 */
class SyncThread extends HTMLElement {
  connectedCallback() {
    this.atEnd = true;
    this.seen = [];
    this.turn = this.dataset.turn;
    this.behind = 'behind' in this.dataset;
    this.onscroll = () => this.note();
    this.watch = new MutationObserver(() => this.settle());
    this.watch.observe(this, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-turn', 'data-behind', 'data-point'] });
    this.settle();
  }

  disconnectedCallback() {
    this.watch.disconnect();
  }

  /** Remembers where the reader is. */
  note() {
    this.atEnd = this.scrollHeight - this.scrollTop - this.clientHeight < 48;
    const { top, bottom } = this.getBoundingClientRect();
    this.seen = [...this.querySelectorAll('.message')]
      .map(line => ({ line, box: line.getBoundingClientRect() }))
      .filter(({ box }) => box.bottom > top && box.top < bottom)
      .map(({ line, box }) => ({ line, at: box.top - top }));
  }

  /** After a change: to the end, or back to where the reader was. */
  settle() {
    const behind = 'behind' in this.dataset;
    const stays = this.turn === this.dataset.turn && (!this.atEnd || behind || this.behind);
    const mark = stays && this.seen.find(({ line }) => this.contains(line));
    if (mark) {
      this.scrollTop += mark.line.getBoundingClientRect().top - this.getBoundingClientRect().top - mark.at;
    } else if (!stays) {
      this.scrollTop = this.scrollHeight;
    }

    this.turn = this.dataset.turn;
    this.behind = behind;
    this.point();
    this.note();
  }

  /** Goes once to the message that the address points at, as soon as it is there. */
  point() {
    const line = this.dataset.point && this.dataset.point !== this.pointed && this.querySelector(`[data-message="${CSS.escape(this.dataset.point)}"]`);
    if (line) {
      this.scrollTop += line.getBoundingClientRect().top - this.getBoundingClientRect().top - (this.clientHeight - line.offsetHeight) / 2;
    }

    if (line || !this.dataset.point) {
      this.pointed = this.dataset.point;
    }
  }
}

customElements.define('sync-thread', SyncThread);
