// Values as a line over a wash, on a scale of their own.

import { svgElement } from "./dom.js";

const kInset = 3;

// {area, line, x, y}: two nodes for an svg of that size, and where the n-th value and a value stand in it.
export function curve(values, { width, height, highest = Math.max(...values) }) {
  const x = (index) => (index * width) / Math.max(1, values.length - 1);
  const y = (value) => height - kInset - (value * (height - 2 * kInset)) / (highest || 1);
  const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`);
  const base = height - kInset;
  return {
    area: svgElement("path", { class: "area", d: `M${x(0)},${base}L${points.join("L")}L${x(values.length - 1)},${base}Z` }),
    line: svgElement("polyline", { class: "line", points: points.join(" ") }),
    x,
    y,
  };
}
