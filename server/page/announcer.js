// Tells screen readers what is new, at the pace of speech: a busy stream is summed up, never read out event by event.

import { element } from "./dom.js";

const kPauseMs = 5_000;
const kSpokenAtOnce = 3;
const kKept = 10;

export class Announcer {
  #region;
  #pending = [];
  #timer = 0;

  constructor(region) {
    this.#region = region;
  }

  say(text) {
    this.#pending.push(text);
    this.#timer ||= setTimeout(() => this.#speak(), kPauseMs);
  }

  #speak() {
    this.#timer = 0;
    const spoken = this.#pending.slice(0, kSpokenAtOnce);
    const more = this.#pending.length - spoken.length;
    this.#pending = [];
    const line = element("p");
    line.textContent = spoken.join(". ") + (more > 0 ? `. And ${more} more.` : ".");
    this.#region.append(line);
    while (this.#region.childElementCount > kKept) this.#region.firstElementChild.remove();
  }
}
