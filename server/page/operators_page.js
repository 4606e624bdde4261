// Figures for operators, every few seconds: what /metrics tells, with the last minutes as small curves, and tables below.
// A server with tokens asks for one here as everywhere.

import { AliasesPanel } from "./aliases_panel.js";
import { ask, getJson } from "./api.js";
import { BlocksPanel } from "./blocks_panel.js";
import { curve } from "./curve.js";
import { element, part, setText, svgElement } from "./dom.js";
import { bytes, count, expectedCount, fullMoment, lag, percent, seconds } from "./format.js";
import { Metrics } from "./metrics_text.js";
import { kFigures, refusedByCode, requestsByRoute } from "./operators_figures.js";
import { ReviewsPanel } from "./reviews_panel.js";
import { forgetToken, keptToken } from "./token.js";

const kPauseMs = 2_000;
const kDayMs = 86_400_000;
const kKept = 150;  // readings: five minutes
const kWidth = 240;
const kHeight = 48;
const kClasses = ["2xx", "3xx", "4xx", "5xx"];

const kUnits = {
  count,
  rate: (value) => `${expectedCount(value)}/s`,
  bytes,
  seconds: (value) => (value === Infinity ? `>${seconds(10)}` : seconds(value)),
  percent,
};

export class OperatorsPage {
  #frame;
  #visit = 0;
  #place = null;
  #timer = 0;
  #last = null;  // {metrics, at} of the last reading
  #panels = kFigures.map((figure) => ({ figure, values: [], ...panelNodes(figure.title) }));
  #aliases = new AliasesPanel();
  #reviews = new ReviewsPanel();
  #blocks;

  constructor(frame) {
    this.#frame = frame;
    this.#blocks = new BlocksPanel((error, again) => frame.waysOut(error, again));
    part("panels").append(...this.#panels.map(({ node }) => node));
  }

  open(place) {
    this.close();
    this.#place = place;
    this.#frame.title("Operators");
    this.#frame.setState("connecting");
    this.#showToken();
    if (!this.#last) this.#say("Loading…");
    this.#read(this.#visit);
    this.#reviews.open();
    this.#blocks.read();
    this.#aliases.read();
  }

  close() {
    this.#visit += 1;
    this.#place = null;
    clearTimeout(this.#timer);
    this.#reviews.close();
  }

  async #read(mine) {
    try {
      if (!document.hidden) {
        const [text, stats] = await Promise.all([
          ask("/metrics", { accept: "text/plain" }).then((response) => response.text()), getJson("/v1/stats"),
        ]);
        if (mine !== this.#visit) return;
        this.#take(new Metrics(text));
        this.#frame.showStats(stats, this.#place.scope);
        this.#frame.setState("live");
        this.#say();
        setText(part("operators-time"), stats.posts > 0 ? delay(Date.parse(stats.watermark)) : "no posts yet");
      }
    } catch (error) {
      if (mine !== this.#visit) return;
      this.#frame.setState(error.isRefusal ? "refused" : "waiting", error);
      this.#say(`The figures cannot be read. ${error.message}`, this.#frame.waysOut(error, () => this.open(this.#place)));
      if (error.isRefusal) return;
    }
    if (mine === this.#visit) this.#timer = setTimeout(() => this.#read(mine), kPauseMs);
  }

  #take(metrics) {
    const at = performance.now();
    const step = { before: this.#last?.metrics ?? null, after: metrics, seconds: (at - this.#last?.at) / 1000 };
    this.#last = { metrics, at };
    for (const panel of this.#panels) {
      panel.values = [...panel.values, panel.figure.value(step)].slice(-kKept);
      drawPanel(panel);
    }
    const others = [refusedTable(metrics), buildTable(metrics)].filter(Boolean);
    part("tables").replaceChildren(requestsTable(metrics), element("div", { class: "stack" }, ...others));
  }

  #showToken() {
    const line = part("token-line");
    if (!keptToken()) return line.replaceChildren();
    const button = element("button", { type: "button" }, "Forget the token");
    button.addEventListener("click", () => {
      forgetToken();
      this.open(this.#place);
    });
    line.replaceChildren("A token is kept in this tab. ", button);
  }

  #say(...lines) {
    const note = part("operators-note");
    note.hidden = lines.length === 0;
    note.replaceChildren(...lines.map((line) => (typeof line === "string" ? element("p", {}, line) : line)));
  }
}

// How far the stream is counted. A replay is years behind the clock: then only its time is worth telling.
function delay(watermark) {
  const behind = Date.now() - watermark;
  return `counted up to ${fullMoment(watermark)}${behind >= 0 && behind < kDayMs ? `, ${lag(behind)} ago` : ""}`;
}

function panelNodes(title) {
  const value = element("p", { class: "value" }, "–");
  const figure = element("div", { class: "curve" });
  return { value, curve: figure, node: element("section", { class: "panel" }, element("h2", {}, title), value, figure) };
}

function drawPanel({ figure, values, value, curve: place, node }) {
  const last = values.at(-1);
  const show = kUnits[figure.unit];
  setText(value, last === null ? "–" : show(last));
  node.dataset.bad = String(last !== null && Boolean(figure.bad?.(last)));
  const known = values.map((of) => (of === null || of === Infinity ? 0 : of));
  const { area, line } = curve(known, { width: kWidth, height: kHeight });
  place.replaceChildren(svgElement("svg", {
    viewBox: `0 0 ${kWidth} ${kHeight}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `The last minutes: between ${show(Math.min(...known))} and ${show(Math.max(...known))}.`,
  }, area, line));
}

function table(title, heads, rows) {
  const cell = (name, text, attributes = {}) => element(name, attributes, text);
  return element("section", {}, element("h2", {}, title), element("div", { class: "scroll" }, element("table", {},
    element("thead", {}, element("tr", {}, ...heads.map((head) => cell("th", head, { scope: "col" })))),
    element("tbody", {}, ...rows.map(([first, ...rest]) =>
      element("tr", {}, cell("th", first, { scope: "row" }), ...rest.map((text) => cell("td", text))))))));
}

function refusedTable(metrics) {
  const rows = refusedByCode(metrics).map(({ code, count: posts }) => [code, count(posts)]);
  return rows.length > 0 ? table("Refused posts, since the start", ["Code", "posts"], rows) : null;
}

function requestsTable(metrics) {
  const rows = requestsByRoute(metrics).map(({ route, counts }) => [route, ...kClasses.map((of) => (counts[of] ? count(counts[of]) : "–"))]);
  return table("Requests, since the start", ["Route", ...kClasses], rows);
}

function buildTable(metrics) {
  const [build] = metrics.samples("tagswell_build_info");
  const started = metrics.sum("process_start_time_seconds") * 1000;
  return table("The server", ["Property", "Value"], [
    ["Version", build?.labels.version ?? "–"], ["Compiler", build?.labels.compiler ?? "–"], ["Running since", fullMoment(started)],
  ]);
}
