/**
 * <sync-thread>: a scroller of lines with the newest last. It stays at its end while the reader is there; elsewhere the line under their eyes stays where it is, whatever comes or goes
 * around it. With data-behind its end is not the newest, and there is nothing to follow. Another data-turn goes to the end.
 */
class SyncThread extends HTMLElement {
  connectedCallback() {
    this.atEnd = true;
    this.seen = [];
    this.turn = this.dataset.turn;
    this.behind = 'behind' in this.dataset;
    this.onscroll = () => this.note();
    this.watch = new MutationObserver(() => this.settle());
    this.watch.observe(this, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-turn', 'data-behind'] });
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
    this.note();
  }
}

customElements.define('sync-thread', SyncThread);
