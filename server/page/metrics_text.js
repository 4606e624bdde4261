// Reads the text of /metrics. No DOM.

const kSample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const kLabel = /(\w+)="((?:[^"\\]|\\.)*)"/g;
const kEscapes = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

// One reading of all families.
export class Metrics {
  #families = new Map();  // name -> [{labels, value}]

  constructor(text) {
    for (const line of text.split("\n")) {
      const [, name, labels, value] = kSample.exec(line) ?? [];
      if (!name) continue;
      if (!this.#families.has(name)) this.#families.set(name, []);
      this.#families.get(name).push({ labels: labelsOf(labels ?? ""), value: Number(value) });
    }
  }

  samples(name) {
    return this.#families.get(name) ?? [];
  }

  // The sum of a family's samples that `wanted` lets pass; 0 where there is none.
  sum(name, wanted = () => true) {
    return this.samples(name).reduce((sum, { labels, value }) => (wanted(labels) ? sum + value : sum), 0);
  }
}

function labelsOf(text) {
  return Object.fromEntries([...text.matchAll(kLabel)].map(([, name, value]) => [name, value.replace(/\\[\\"n]/g, (of) => kEscapes[of])]));
}

// Between two readings, what a quantile (0 to 1) of a histogram's observations stayed under: the upper bound of its bucket.
// null where nothing was observed.
export function quantileBound(name, quantile, before, after) {
  const buckets = after.samples(`${name}_bucket`).map(({ labels: { le }, value }) => ({
    bound: le === "+Inf" ? Infinity : Number(le),
    count: value - before.sum(`${name}_bucket`, (labels) => labels.le === le),
  }));
  const all = buckets.at(-1)?.count ?? 0;
  return all > 0 ? buckets.find(({ count }) => count >= quantile * all).bound : null;
}
