// Chooses a past minute: a slider over a day, one minute a step; steps of a minute and a day; a date and a time. Marks
// stand where trends started.

import { minuteOf } from "./address.js";
import { element, part } from "./dom.js";
import { fieldValue, fullMoment } from "./format.js";
import { timeTicks } from "./ticks.js";

const kMinuteMs = 60_000;
const kDayMinutes = 1440;
const kLast = 0.95;  // names of hours from there on would reach over the end

export class TimeSlider {
  #choose;
  #slider = part("slider");
  #now = 0;     // minutes, as all below: the newest there is
  #end = 0;     // of the day that the slider spans
  #at = null;   // the chosen one; null: live
  #starts = [];

  // choose(at, {settled}): the reader chose a minute (RFC 3339; null: live). Not settled: still being dragged.
  constructor(choose) {
    this.#choose = choose;
    this.#slider.addEventListener("input", () => this.#take(this.#end - kDayMinutes + this.#slider.valueAsNumber, false));
    this.#slider.addEventListener("change", () => this.#take(this.#end - kDayMinutes + this.#slider.valueAsNumber, true));
    part("time").addEventListener("click", (event) => {
      const minutes = Number(event.target.dataset.minutes);
      if (minutes) this.#take((this.#at ?? this.#now) + minutes, true);
    });
    part("live").addEventListener("click", () => this.#choose(null, { settled: true }));
    part("at").addEventListener("change", () => {
      const at = Date.parse(part("at").value);
      if (!Number.isNaN(at)) this.#take(Math.floor(at / kMinuteMs), true);
    });
    part("time").addEventListener("submit", (event) => event.preventDefault());
  }

  // at: RFC 3339, or null for live. now: newest stream time, milliseconds; 0 while unknown.
  show(at, now) {
    this.#now = Math.floor(now / kMinuteMs);
    this.#at = at ? Math.floor(Date.parse(at) / kMinuteMs) : null;
    part("time").hidden = this.#now <= 0;
    if (this.#now <= 0) return;
    const begin = this.#end - kDayMinutes;
    // The day stays while the minute is within it, so that the thumb stays under the finger.
    if (this.#at === null) this.#end = this.#now;
    else if (this.#at < begin || this.#at > this.#end || this.#end > this.#now) {
      this.#end = Math.max(Math.min(this.#now, this.#at + kDayMinutes / 2), this.#at);
    }
    this.#draw();
  }

  // Of trends in this scope, milliseconds.
  showStarts(times) {
    this.#starts = times.map((time) => time / kMinuteMs);
    this.#draw();
  }

  #take(minute, settled) {
    const live = minute >= this.#now;
    this.#choose(live ? null : minuteOf(minute * kMinuteMs), { settled });
  }

  #draw() {
    const begin = this.#end - kDayMinutes;
    const shown = this.#at ?? this.#now;
    const text = this.#at === null ? "now" : fullMoment(shown * kMinuteMs);
    // A thumb that is being dragged is where the reader wants it.
    if (this.#slider.valueAsNumber !== shown - begin) this.#slider.value = shown - begin;
    this.#slider.setAttribute("aria-valuetext", text);
    this.#slider.style.setProperty("--done", (shown - begin) / kDayMinutes);
    if (document.activeElement !== part("at")) part("at").value = this.#at === null ? "" : fieldValue(this.#at * kMinuteMs);
    part("live").hidden = this.#at === null;
    for (const button of part("time").querySelectorAll("[data-minutes]")) {
      button.hidden = this.#at === null && Number(button.dataset.minutes) > 0;
    }
    const ticks = timeTicks(begin * kMinuteMs, this.#end * kMinuteMs, this.#slider.clientWidth);
    part("hours").replaceChildren(...ticks.map(({ time, text }) => this.#mark("span", time / kMinuteMs, text)));
    const starts = this.#starts.filter((at) => at >= begin && at <= this.#end);
    part("starts").replaceChildren(...starts.map((at) => this.#mark("i", at)));
  }

  #mark(name, minute, ...content) {
    const at = (minute - this.#end) / kDayMinutes + 1;
    const node = element(name, { class: at > kLast ? "last" : null }, ...content);
    node.style.setProperty("--at", at);
    return node;
  }
}
