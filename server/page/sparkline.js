// A topic's posts over the last hours as a small curve, with a line where its trend began. Curves are fetched only for
// rows that are on the screen, a few at a time, and again when another step of stream time is complete.

import { getJson, topicPath } from "./api.js";
import { curve } from "./curve.js";
import { svgElement } from "./dom.js";
import { count, moment } from "./format.js";

const kHours = 6;
const kStepMs = 5 * 60_000;
const kSteps = (kHours * 3_600_000) / kStepMs;
const kAtOnce = 2;
const kPauseMs = 3_000;  // a replay may run through hours in seconds
const kWidth = 144;
const kHeight = 36;

export class Sparklines {
  #entries = new Map();  // figure -> {row, end, visible, running, triedAt, drawnTo}
  #running = 0;
  #observer = new IntersectionObserver((changes) => {
    for (const change of changes) {
      const entry = this.#entries.get(change.target);
      if (entry) entry.visible = change.isIntersecting;
    }
    this.#next();
  }, { rootMargin: "100px" });

  // `end`: stream time that the curve runs up to, milliseconds.
  show(figure, row, end) {
    const entry = this.#entries.get(figure);
    if (entry) {
      Object.assign(entry, { row, end });
    } else {
      this.#entries.set(figure, { row, end, visible: false, running: false, triedAt: -Infinity, drawnTo: null });
      this.#observer.observe(figure);
    }
    this.#next();
  }

  remove(figure) {
    this.#observer.unobserve(figure);
    this.#entries.delete(figure);
  }

  #next() {
    const now = performance.now();
    for (const [figure, entry] of this.#entries) {
      if (this.#running >= kAtOnce) return;
      const due = entry.drawnTo !== lastStep(entry.end) && now - entry.triedAt > kPauseMs;
      if (entry.visible && !entry.running && due) this.#fetch(figure, entry);
    }
  }

  async #fetch(figure, entry) {
    entry.running = true;
    this.#running += 1;
    entry.triedAt = performance.now();
    const to = lastStep(entry.end);
    const from = to - kHours * 3_600_000;
    try {
      const answer = await getJson(topicPath(entry.row.topic, "/history"), {
        scope: entry.row.scope,
        step: "5m",
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
      });
      if (this.#entries.has(figure)) draw(figure, valuesOf(answer.steps, from), entry.row, from);
      entry.drawnTo = to;
    } catch {
      // A missing curve is no reason to disturb the reader: the next round tries again.
    } finally {
      entry.running = false;
      this.#running -= 1;
      this.#next();
    }
  }
}

// Whole steps only: the one under way would always look like a fall.
const lastStep = (end) => Math.floor(end / kStepMs) * kStepMs;

// Steps without a post may be absent.
function valuesOf(steps, from) {
  const values = new Array(kSteps).fill(0);
  for (const step of steps) {
    const index = Math.round((Date.parse(step.time) - from) / kStepMs);
    if (index >= 0 && index < kSteps) values[index] = step.posts;
  }
  return values;
}

function draw(figure, values, row, from) {
  const highest = Math.max(...values);
  const at = values.indexOf(highest);
  const { area, line, x } = curve(values, { width: kWidth, height: kHeight });
  const began = (Date.parse(row.started_at) - from) / kStepMs;
  const svg = svgElement("svg", {
    viewBox: `0 0 ${kWidth} ${kHeight}`,
    role: "img",
    preserveAspectRatio: "none",
    "aria-label": highest === 0
      ? `No posts in the last ${kHours} hours.`
      : `Posts every 5 minutes over ${kHours} hours; most, ${count(highest)}, at ${moment(from + at * kStepMs, from)}.`,
  });
  svg.append(area, line);
  if (began > 0 && began < kSteps) {
    svg.append(svgElement("line", { class: "began", x1: x(began), x2: x(began), y1: 0, y2: kHeight }));
  }
  figure.replaceChildren(svg);
}
