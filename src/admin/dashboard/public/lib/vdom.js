/**
 * Views are functions from values to trees; this makes the page equal to a tree and touches only what differs, so that
 * focus, selection and scroll positions survive every update.
 */

/**
 * @typedef {string | number | boolean | null | undefined | Node_ | readonly Child[]} Child
 * @typedef {Readonly<Record<string, any>>} Props `onclick` is a handler, `.name` a property, `key` the identity among
 *   siblings, `style` an object; the rest are attributes
 * @typedef {{ tag: string, key: string | null, props: Props, children: readonly Node_[], text: string, dom: any }} Node_
 */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {string} tag
 * @param {Props | null} [props]
 * @param {...Child} children
 * @returns {Node_}
 */
export function h(tag, props, ...children) {
  return { tag, key: props?.key ?? null, props: props ?? {}, children: flatten(children), text: '', dom: null };
}

/** @param {readonly Child[]} children @returns {Node_[]} */
function flatten(children) {
  return children.flatMap((child) => {
    if (child === null || child === undefined || typeof child === 'boolean' || child === '') return [];
    if (Array.isArray(child)) return flatten(child);
    if (typeof child === 'object') return [/** @type {Node_} */ (child)];
    return [{ tag: '', key: null, props: {}, children: [], text: String(child), dom: null }];
  });
}

/** What a tree says, without its markup. @param {Node_} node @returns {string} */
export function textOf({ text, children }) {
  return text + children.map(textOf).join('');
}

/** Makes the children of an element equal to these. @param {Element} root @returns {(...children: Child[]) => void} */
export function mount(root) {
  /** @type {readonly Node_[]} */
  let shown = [];
  return (...children) => {
    const next = flatten(children);
    patchChildren(root, shown, next);
    shown = next;
  };
}

/** @param {Node_} node @param {number} index */
function identity(node, index) {
  return `${node.tag}:${node.key ?? `#${index}`}`;
}

/** @param {Element} parent @param {readonly Node_[]} before @param {readonly Node_[]} after */
function patchChildren(parent, before, after) {
  const known = new Map(before.map((node, index) => [identity(node, index), node]));
  for (const [index, node] of after.entries()) {
    const id = identity(node, index);
    const old = known.get(id);
    known.delete(id);
    if (old) patchNode(old, node);
    else create(node, parent.namespaceURI === SVG && parent.tagName !== 'foreignObject');
  }
  for (const { dom } of known.values()) dom.remove();
  let place = parent.firstChild;
  for (const { dom } of after) {
    if (dom === place) place = place?.nextSibling ?? null;
    else parent.insertBefore(dom, place);
  }
}

/** @param {Node_} node @param {boolean} isSvg */
function create(node, isSvg) {
  if (node.tag === '') {
    node.dom = document.createTextNode(node.text);
    return;
  }
  node.dom = isSvg || node.tag === 'svg' ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag);
  patchChildren(node.dom, [], node.children); // first, so that a select knows its options when its value is set
  patchProps(node.dom, {}, node.props);
}

/** @param {Node_} before @param {Node_} after */
function patchNode(before, after) {
  after.dom = before.dom;
  if (after.tag === '') {
    if (before.text !== after.text) after.dom.data = after.text;
    return;
  }
  patchChildren(after.dom, before.children, after.children);
  patchProps(after.dom, before.props, after.props);
}

/** @param {any} dom @param {Props} before @param {Props} after */
function patchProps(dom, before, after) {
  for (const name of Object.keys(before)) if (!(name in after)) setProp(dom, name, before[name], undefined);
  for (const name of Object.keys(after)) setProp(dom, name, before[name], after[name]);
}

/** @param {any} dom @param {string} name @param {any} before @param {any} after */
function setProp(dom, name, before, after) {
  if (name === 'key' || (before === after && name !== '.value')) return;
  if (name === 'style') return setStyle(dom, before ?? {}, after ?? {});
  if (name.startsWith('on')) dom[name] = after ?? null;
  else if (name.startsWith('.')) {
    if (dom[name.slice(1)] !== after) dom[name.slice(1)] = after;
  } else if (after === null || after === undefined || after === false) dom.removeAttribute(name);
  else dom.setAttribute(name, after === true ? '' : after);
}

/** @param {HTMLElement} dom @param {Record<string, string>} before @param {Record<string, string>} after */
function setStyle(dom, before, after) {
  for (const name of Object.keys(before)) if (!(name in after)) dom.style.removeProperty(name);
  for (const [name, value] of Object.entries(after)) if (before[name] !== value) dom.style.setProperty(name, value);
}
