// However many events come, a page is drawn a few times a second: nobody reads faster.

const kDrawMs = 150;

export class Pace {
  #draw;
  #timer = 0;  // of the next drawing
  #frame = 0;
  #drawnAt = -Infinity;

  constructor(draw) {
    this.#draw = draw;
  }

  soon() {
    if (this.#timer || this.#frame) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#drawnAt = performance.now();
        this.#draw();
      });
    }, Math.max(0, this.#drawnAt + kDrawMs - performance.now()));
  }

  stop() {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#timer = this.#frame = 0;
  }
}
