// Elements are made here and nowhere else. Names come from strangers, so they enter the page as text, never as markup.

/** The element with this id. */
export const $ = (id) => document.getElementById(id);

/**
 * Makes an element: attributes by name, a function under "onclick" and the like as a listener, `true` as a bare
 * attribute; null, undefined and false are left out. Children are elements or text.
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The same for SVG, whose elements live in a namespace of their own. */
export function makeSVG(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
}

/** Sets text only where it differs: a page of 200 streams must not lay itself out anew every second. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** An icon: one path on a 24 × 24 grid, drawn with strokes. */
export function icon(path, className = "icon") {
  return makeSVG("svg", { viewBox: "0 0 24 24", class: className, "aria-hidden": "true" }, makeSVG("path", { d: path }));
}

/** A button that shows an icon and is named by a word. */
export function iconButton(label, path, onclick, attributes = {}) {
  return make("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes },
    icon(path));
}

/** Copies text, and says so on the button for a moment. Without HTTPS there is no clipboard: the text gets selected. */
export function copyButton(label, textOf, selectable) {
  const button = make("button", { type: "button", class: "small", "aria-label": `Copy ${label}` }, "Copy");
  let timer;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(textOf());
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(selectable);
      button.textContent = "Selected";
    }
    clearTimeout(timer);
    timer = setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return button;
}

/** Offers text as a file. */
export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Tabs of the WAI-ARIA pattern over elements that are already there; tells which one is shown. */
export function tabs(list, onChange) {
  const all = [...list.querySelectorAll("[role=tab]")];
  const select = (tab, focus) => {
    for (const other of all) {
      const isChosen = other === tab;
      other.setAttribute("aria-selected", isChosen);
      other.tabIndex = isChosen ? 0 : -1;
      $(other.getAttribute("aria-controls")).hidden = !isChosen;
    }
    if (focus) tab.focus();
    onChange(tab.id);
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) select(tab, false);
  });
  list.addEventListener("keydown", (event) => {
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    select(all[(to + all.length) % all.length], true);
  });
  return (id) => {
    const tab = all.find((one) => one.id === id);
    if (tab) select(tab, false);
  };
}
