// The screen of a terminal: xterm.js, which the page loads only where there is one. What it styles goes by the content security policy: the
// style sheets that it makes carry the document's nonce, the style attributes that it sets (for colours) are set through CSSOM.
import { Terminal } from "./xterm.mjs";
import { FitAddon } from "./addon-fit.mjs";

const sheet = document.createElement("link");
sheet.rel = "stylesheet";
sheet.href = new URL("./xterm.css", import.meta.url).href;
await new Promise((loaded) => {
  sheet.onload = sheet.onerror = loaded;
  document.head.append(sheet);
});

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const create = document.createElement;
const nonce = document.querySelector("script[nonce]")?.nonce;
let living = 0;

function setAttribute(name, value) {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

// Only while there is a terminal.
function createElement(name, ...rest) {
  const element = create.call(this, name, ...rest);
  if (name === "style" && nonce) element.nonce = nonce;
  if (name === "span") element.setAttribute = setAttribute;
  return element;
}

// host: the element; typed(Uint8Array), sized(columns, rows): what the page is told.
globalThis.ecosTerminal = (host, label, typed, sized) => {
  if (living++ === 0) document.createElement = createElement;
  const terminal = new Terminal({
    cursorBlink: false,
    fontFamily: colour("--mono") || "monospace",
    fontSize: 12,
    lineHeight: 1.3,
    scrollback: 5000,
    screenReaderMode: false,
    theme: { background: "#0b0d10", foreground: "#d7dce2", cursor: "#e5e8ec", selectionBackground: "#2c4a78" },
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(host);
  terminal.textarea?.setAttribute("aria-label", label);
  const bytes = new TextEncoder();
  terminal.onData((text) => typed(bytes.encode(text)));
  terminal.onBinary((text) => typed(Uint8Array.from(text, (c) => c.charCodeAt(0))));
  terminal.onResize(({ cols, rows }) => sized(cols, rows));
  // Copies what is selected; without a selection the key goes to the shell.
  terminal.attachCustomKeyEventHandler((event) => {
    const copies = event.type === "keydown" && event.ctrlKey && event.code === "KeyC" && (event.shiftKey || terminal.hasSelection());
    if (copies && terminal.hasSelection()) {
      navigator.clipboard?.writeText(terminal.getSelection());
      event.preventDefault();
      return false;
    }
    return true;
  });
  const watch = new ResizeObserver(() => fit.fit());
  watch.observe(host);
  fit.fit();
  return {
    cols: () => terminal.cols,
    rows: () => terminal.rows,
    write: (piece, done) => terminal.write(piece, done),
    focus: () => terminal.focus(),
    reset: () => terminal.reset(),
    freeze: (frozen) => { terminal.options.disableStdin = frozen; },
    text: () => {
      const buffer = terminal.buffer.active, lines = [];
      for (let i = 0; i < buffer.length; i++) lines.push(buffer.getLine(i)?.translateToString(true) ?? "");
      return lines.join("\n");
    },
    dispose: () => {
      watch.disconnect();
      terminal.dispose();
      if (--living === 0) delete document.createElement;
    },
  };
};
dispatchEvent(new Event("ecos-terminal"));
