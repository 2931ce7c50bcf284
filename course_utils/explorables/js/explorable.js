// What all explorables share. Each registers itself with CX.define(name, mount); mount(stage, data, CX) builds it once.
(() => {
  const CX = (window.CX ||= { makers: {} });

  // An element with attributes, properties that begin with "on", and children.
  CX.make = (tag, attributes = {}, ...children) => {
    const svg = ["svg", "g", "rect", "circle", "line", "path", "polyline", "polygon", "text", "image"].includes(tag);
    const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };

  CX.set = (element, attributes) => {
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };

  // A text in the page's language, with facts in place of {names}. Its first argument is a text in double quotes:
  // page.py puts the translation there, and catalogues are filled from there.
  CX.say = (words, facts = {}) => words.replace(/\{(\w+)\}/g, (_, name) => facts[name]);

  CX.panel = (caption, child) => CX.make("figure", { class: "cx-panel" }, CX.make("figcaption", {}, caption), child);

  // A photo as the ground of an SVG in the photo's own pixels.
  CX.ground = (url, width, height, label) =>
    CX.make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, CX.make("image", { href: url, width, height }));

  // A box [x1, y1, x2, y2] as a rectangle; give it again to move it.
  CX.box = (box, looks = {}, rect = CX.make("rect", { fill: "none", ...looks })) =>
    CX.set(rect, { x: box[0], y: box[1], width: Math.max(0, box[2] - box[0]), height: Math.max(0, box[3] - box[1]) });

  CX.iou = (a, b) => {
    const wide = Math.min(a[2], b[2]) - Math.max(a[0], b[0]), tall = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
    const shared = wide > 0 && tall > 0 ? wide * tall : 0;
    const area = (box) => (box[2] - box[0]) * (box[3] - box[1]);
    return shared / (area(a) + area(b) - shared) || 0;
  };

  CX.clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  // A grid of numbers as coloured cells; `paint(value)` gives the colour, `write(value)` the text or nothing.
  CX.cells = (rows, columns, { side = 10, label, paint, write = () => "" }) => {
    const svg = CX.make("svg", { viewBox: `0 0 ${columns * side} ${rows * side}`, role: "img", "aria-label": label });
    const cells = [];
    for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
      const rect = CX.make("rect", { x: column * side, y: row * side, width: side, height: side, stroke: "var(--cx-muted)", "stroke-width": side / 60 });
      const text = CX.make("text", { x: (column + 0.5) * side, y: (row + 0.64) * side, "text-anchor": "middle", style: `font-size:${side * 0.38}px;fill:#111` });
      svg.append(rect, text);
      cells.push([rect, text]);
    }
    const fill = (values) => values.flat().forEach((value, k) => {
      CX.set(cells[k][0], { fill: paint(value) });
      cells[k][1].textContent = write(value);
    });
    return { svg, fill };
  };

  // From white to blue for 0 to 1, and on to orange below 0: readable in both themes, with dark text on it.
  CX.shade = (share) => {
    const s = CX.clamp(Math.abs(share), 0, 1);
    const [r, g, b] = share < 0 ? [213, 94, 0] : [0, 114, 178];
    return `rgb(${[r, g, b].map((c) => Math.round(255 + (c - 255) * 0.75 * s))})`;
  };

  // Axes from 0 to 1 with a frame; x(v) and y(v) give the place.
  CX.unitChart = (label, across, upwards) => {
    const W = 240, H = 190, L = 30, T = 8, wide = W - L - 8, tall = H - T - 30;
    const svg = CX.make("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": label });
    const x = (v) => L + v * wide, y = (v) => T + (1 - v) * tall;
    svg.append(CX.make("rect", { x: L, y: T, width: wide, height: tall, fill: "none", stroke: "var(--cx-muted)", "stroke-width": 0.7 }));
    for (const v of [0, 0.5, 1]) svg.append(
      CX.make("text", { x: x(v), y: H - 16, "text-anchor": "middle", style: "font-size:10px" }, String(v)),
      CX.make("text", { x: L - 4, y: y(v) + 3, "text-anchor": "end", style: "font-size:10px" }, String(v)));
    svg.append(CX.make("text", { x: x(0.5), y: H - 3, "text-anchor": "middle", style: "font-size:11px" }, across));
    svg.append(CX.make("text", { x: 0, y: 0, transform: `translate(9 ${y(0.5)}) rotate(-90)`, "text-anchor": "middle", style: "font-size:11px" }, upwards));
    return { svg, x, y };
  };

  // A labelled slider; `say` turns its value into words, which screen readers hear too.
  CX.slider = (label, { min, max, step, value, say = String }, moved) => {
    const output = CX.make("output", {}, say(value));
    const input = CX.make("input", { type: "range", min, max, step, value, "aria-label": label, "aria-valuetext": say(value) });
    input.addEventListener("input", () => {
      output.textContent = say(+input.value);
      input.setAttribute("aria-valuetext", output.textContent);
      CX.soon(moved);
    });
    const row = CX.make("label", { class: "cx-control" }, CX.make("span", {}, label), input, output);
    return { row, input, get value() { return +input.value; } };
  };

  // Buttons of which one is pressed.
  CX.choice = (names, chosen, pick) => {
    const row = CX.make("div", { class: "cx-control", role: "group" });
    const press = (name) => {
      for (const button of row.children) button.setAttribute("aria-pressed", button.textContent === name);
      CX.soon(() => pick(name));
    };
    for (const name of names) {
      row.append(CX.make("button", { type: "button", class: "cx-button", "aria-pressed": name === chosen, onclick: () => press(name) }, name));
    }
    return row;
  };

  // A line that says what is seen; read out when it changes.
  CX.said = () => CX.make("p", { class: "cx-said", role: "status", "aria-live": "polite" });

  // At most one redraw a frame, however fast the pointer moves.
  const waiting = new Set();
  CX.soon = (redraw) => {
    if (!waiting.size) requestAnimationFrame(() => {
      const due = [...waiting];
      waiting.clear();
      for (const draw of due) draw();
    });
    waiting.add(redraw);
  };

  // Something to drag on an SVG, by pointer and by arrow keys (with Shift ten steps); `move(dx, dy)` in the SVG's units.
  CX.draggable = (element, svg, label, step, move) => {
    CX.set(element, { tabindex: 0, role: "application", "aria-label": CX.say("{thing}; arrow keys move it", { thing: label }) });
    element.style.cursor = "move";
    let last = null;
    const place = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      return [at.x, at.y];
    };
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      last = place(event);
    });
    element.addEventListener("pointermove", (event) => {
      if (!last) return;
      const now = place(event);
      move(now[0] - last[0], now[1] - last[1]);
      last = now;
    });
    for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => { last = null; });
    element.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way) return;
      event.preventDefault();
      const far = step * (event.shiftKey ? 10 : 1);
      move(way[0] * far, way[1] * far);
    });
  };

  // Pixels of a canvas from a function (x, y) -> [red, green, blue, alpha] that fills `target` at `offset`.
  CX.paint = (canvas, fill) => {
    const context = canvas.getContext("2d");
    const picture = (canvas.cxPicture ||= context.createImageData(canvas.width, canvas.height));
    fill(picture.data);
    context.putImageData(picture, 0, 0);
  };

  // Grey values or colours of a data URL, once it is decoded.
  CX.pixels = async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = CX.make("canvas", { width: image.naturalWidth, height: image.naturalHeight });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  };

  // Whoever comes last, page or script, brings an explorable to life; each only once.
  CX.define = (name, mount) => {
    CX.makers[name] = mount;
    for (const root of document.querySelectorAll(`.cx[data-cx="${name}"]:not(.cx-live)`)) {
      const data = root.querySelector(".cx-data");
      if (!data) continue;
      root.classList.add("cx-live");
      Promise.resolve(mount(root.querySelector(".cx-stage"), JSON.parse(data.textContent), CX)).catch((error) => {
        root.classList.remove("cx-live");
        console.error(error);
      });
    }
  };
})();
