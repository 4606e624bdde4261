// The few DOM calls that the views share. Text from strangers only ever goes through textContent.

const kSvg = "http://www.w3.org/2000/svg";
const kShortLetters = 40;

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const part = (id) => document.getElementById(id);

export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svgElement(name, attributes = {}, ...children) {
  return fill(document.createElementNS(kSvg, name), attributes, children);
}

// Leaves the node alone when nothing changed: selections and screen readers are not disturbed.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A tag as people write it. bdi keeps a right-to-left tag from turning the line around it.
export function tagName(display) {
  const node = element("bdi", { class: "tag" });
  node.textContent = `#${display}`;
  return node;
}

// The same where space is short: a very long tag is cut, its title tells it whole.
export function shortTagName(display) {
  const letters = Array.from(display);
  if (letters.length <= kShortLetters) return tagName(display);
  const node = tagName(`${letters.slice(0, kShortLetters - 1).join("")}…`);
  node.title = `#${display}`;
  return node;
}

// Makes the children of `list` those of `items`, in order: nodes are kept by key, moved only where the order changed.
export function renderKeyed(list, nodes, items, { key, create, update, remove }) {
  const wanted = new Set(items.map(key));
  for (const [k, node] of nodes) {
    if (wanted.has(k)) continue;
    remove?.(node);
    node.remove();
    nodes.delete(k);
  }
  let place = list.firstElementChild;
  items.forEach((item, index) => {
    const k = key(item);
    let node = nodes.get(k);
    if (!node) {
      node = create(item);
      nodes.set(k, node);
    }
    update(node, item, index);
    if (node === place) {
      place = place.nextElementSibling;
    } else {
      list.insertBefore(node, place);
    }
  });
}
