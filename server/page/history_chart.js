// A topic's posts and people over time, with axes, the moments it was announced, and a cursor for mouse, finger and
// keyboard.

import { element, setText, svgElement } from "./dom.js";
import { count, fullMoment, moment, plural } from "./format.js";
import { timeTicks, valueTicks } from "./ticks.js";

const kHeight = 260;
const kTop = 26;      // above the plot: names of marks
const kBottom = 24;   // below: times
const kLetter = 7.5;  // how wide a digit of a label is, roughly
const kApart = 110;   // names of marks that stand closer than that would cover each other

export class HistoryChart {
  #place;
  #plot = element("div", { class: "plot", tabindex: "0", role: "slider", "aria-label": "Posts and people over time" });
  #readout = element("p", { class: "soft readout" });
  #legend = element("p", { class: "soft legend" });
  #series = null;
  #starts = [];
  #milestones = [];
  #cursor = null;  // index of the step that the reader points at
  #width = 0;
  #left = 0;

  constructor(place) {
    this.#place = place;
    this.#legend.append(element("i", { class: "of-posts" }), "posts", element("i", { class: "of-people" }), "people", element("span"),
      element("b", { class: "of-milestones" }, "milestones"));
    place.append(element("div", { class: "chart-head" }, this.#legend, this.#readout), this.#plot);
    this.#plot.addEventListener("pointermove", (event) => this.#point(this.#indexAt(event)));
    this.#plot.addEventListener("pointerdown", (event) => this.#point(this.#indexAt(event)));
    this.#plot.addEventListener("pointerleave", () => this.#point(null));
    this.#plot.addEventListener("blur", () => this.#point(null));
    this.#plot.addEventListener("keydown", (event) => this.#onKey(event));
    new ResizeObserver(() => this.#draw()).observe(this.#plot);
    this.#drawCursor();
  }

  // series: of historySeries(). starts: when it was announced, milliseconds, oldest first. milestones: {time, name}.
  show(series, starts, milestones) {
    const same = this.#series && series && this.#series.from === series.from && this.#series.stepMs === series.stepMs;
    if (!same) this.#cursor = null;
    this.#series = series;
    this.#starts = starts;
    this.#milestones = milestones;
    this.#draw();
  }

  #onKey(event) {
    const last = this.#series ? this.#series.posts.length - 1 : 0;
    const from = this.#cursor ?? last;
    const to = {
      ArrowLeft: from - 1, ArrowDown: from - 1, ArrowRight: from + 1, ArrowUp: from + 1,
      PageDown: from - 12, PageUp: from + 12, Home: 0, End: last,
    }[event.key];
    if (event.key === "Escape") this.#point(null);
    if (to === undefined) return;
    event.preventDefault();
    this.#point(Math.max(0, Math.min(last, to)));
  }

  #indexAt(event) {
    if (!this.#series) return null;
    const x = event.clientX - this.#plot.getBoundingClientRect().left - this.#left;
    const index = Math.round((x / (this.#width - this.#left)) * (this.#series.posts.length - 1));
    return Math.max(0, Math.min(this.#series.posts.length - 1, index));
  }

  #point(index) {
    this.#cursor = index;
    this.#drawCursor();
  }

  // Without a cursor: the highest step. It is what a reader wants to know first.
  #drawCursor() {
    const { posts } = this.#series ?? { posts: [0] };
    const highest = posts.indexOf(Math.max(...posts));
    const index = Math.min(this.#cursor ?? highest, posts.length - 1);
    const told = this.#series ? this.#tell(index) : "";
    setText(this.#readout, this.#cursor === null && posts[highest] > 0 ? `Highest: ${told}` : told);
    this.#plot.setAttribute("aria-valuemin", 0);
    this.#plot.setAttribute("aria-valuemax", posts.length - 1);
    this.#plot.setAttribute("aria-valuenow", index);
    this.#plot.setAttribute("aria-valuetext", told || "no data");
    const line = this.#plot.querySelector(".cursor");
    if (!line) return;
    line.style.display = this.#cursor === null ? "none" : "";
    const x = this.#x(index);
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
  }

  #tell(index) {
    const { from, stepMs, posts, people, wholeSteps } = this.#series;
    const sofar = index >= wholeSteps ? " so far" : "";
    return `${plural(posts[index], "post", "posts")} by ${plural(people[index], "person", "people")}${sofar}, ${fullMoment(from + index * stepMs)}`;
  }

  #x(index) {
    return this.#left + (index * (this.#width - this.#left)) / (this.#series.posts.length - 1);
  }

  #draw() {
    this.#width = this.#plot.clientWidth;
    if (!this.#series || this.#width === 0) return;
    const { from, stepMs, posts, people, wholeSteps, of } = this.#series;
    setText(this.#legend.querySelector("span"), `, ${of}`);
    this.#legend.querySelector("b").hidden = this.#milestones.length === 0;
    const values = valueTicks(Math.max(...posts, ...people));
    const highest = values.at(-1);
    this.#left = kLetter * count(highest).length + 8;
    const plotHeight = kHeight - kTop - kBottom;
    const y = (value) => kTop + plotHeight - (value * plotHeight) / highest;
    const end = from + (posts.length - 1) * stepMs;
    const xOf = (time) => this.#x((time - from) / stepMs);
    const svg = svgElement("svg", { width: this.#width, height: kHeight, "aria-hidden": "true" });

    for (const value of values) {
      svg.append(svgElement("line", { class: "grid", x1: this.#left, x2: this.#width, y1: y(value), y2: y(value) }));
      svg.append(label(count(value), { x: this.#left - 6, y: y(value) + 4, "text-anchor": "end" }));
    }
    for (const { time, text } of timeTicks(from, end, this.#width - this.#left)) {
      svg.append(label(text, { x: xOf(time), y: kHeight - 6, "text-anchor": anchor(xOf(time), this.#left, this.#width) }));
    }
    const points = (of_, begin, until) => of_.slice(begin, until).map((value, i) => `${this.#x(begin + i).toFixed(1)},${y(value).toFixed(1)}`);
    const whole = points(posts, 0, wholeSteps);
    if (whole.length > 1) {
      svg.append(svgElement("path", { class: "area", d: `M${this.#left},${y(0)}L${whole.join("L")}L${this.#x(wholeSteps - 1).toFixed(1)},${y(0)}Z` }));
    }
    for (const [name, row] of [["people", people], ["line", posts]]) {
      svg.append(svgElement("polyline", { class: name, points: points(row, 0, wholeSteps).join(" ") }));
      if (wholeSteps < row.length) {
        svg.append(svgElement("polyline", { class: `${name} filling`, points: points(row, Math.max(0, wholeSteps - 1), row.length).join(" ") }));
      }
    }
    this.#drawStarts(svg, xOf, from, end);
    this.#drawMilestones(svg, xOf, y);
    svg.append(svgElement("line", { class: "cursor", y1: kTop, y2: kHeight - kBottom }));
    this.#plot.replaceChildren(svg);
    this.#drawCursor();
  }

  #drawStarts(svg, xOf, from, end) {
    let named = -Infinity;
    for (const time of this.#starts) {
      if (time < from || time > end) continue;
      const x = xOf(time);
      svg.append(svgElement("line", { class: "began", x1: x, x2: x, y1: kTop - 6, y2: kHeight - kBottom }));
      if (x - named < kApart) continue;
      named = x;
      svg.append(label(`announced ${moment(time, end)}`, { class: "mark", x, y: 14, "text-anchor": anchor(x, this.#left + kApart / 2, this.#width - kApart / 2) }));
    }
  }

  // Dots on the curve; the page lists them too.
  #drawMilestones(svg, xOf, y) {
    const { from, stepMs, posts } = this.#series;
    for (const { time, name } of this.#milestones) {
      const step = Math.floor((time - from) / stepMs);
      if (step < 0 || step >= posts.length) continue;
      const title = svgElement("title");
      title.textContent = name;
      svg.append(svgElement("circle", { class: "milestone", cx: xOf(from + step * stepMs), cy: y(posts[step]), r: 4 }, title));
    }
  }
}

function label(text, attributes) {
  const node = svgElement("text", attributes);
  node.textContent = text;
  return node;
}

// Labels at the sides stay inside.
function anchor(x, left, right) {
  return x < left + 20 ? "start" : x > right - 20 ? "end" : "middle";
}
