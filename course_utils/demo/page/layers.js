// What is drawn over the photo, and the same as a picture to keep.

import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

export function draw(name, attributes, parent) {
  const one = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  parent.append(one);
  return one;
}

// Outlines of an answer's pieces into `group`; `mark(k, on)` is called when a pointer comes to piece k or leaves it.
export function drawPieces(answer, group, mark) {
  group.replaceChildren();
  answer.pieces.forEach((piece, k) => {
    const one = draw("g", { class: "piece", "data-piece": k }, group);
    draw("path", { class: "seen", d: piece.visible, fill: piece.colour, stroke: piece.colour }, one);
    if (piece.hidden) draw("path", { class: "hidden", d: piece.hidden, stroke: piece.colour }, one);
    one.addEventListener("pointerenter", () => mark(k, true));
    one.addEventListener("pointerleave", () => mark(k, false));
  });
  for (const piece of answer.truth?.pieces ?? []) draw("path", { class: "true", d: piece.outline }, group);
  for (const piece of answer.pieces) {
    const [x, y] = piece.at;
    draw("text", { class: "name", x, y }, group).textContent = named(piece);
  }
}

export const named = (piece) => piece.rival ? say("{name} or {rival}?", piece) : piece.name;

// The photo with the layers that `shown(layer)` says are on, as a PNG.
export function picture(photo, answer, shown) {
  const scale = Math.max(1, Math.ceil(1200 / answer.width));
  const canvas = document.createElement("canvas");
  canvas.width = answer.width * scale;
  canvas.height = answer.height * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.drawImage(photo, 0, 0, answer.width, answer.height);
  const unit = answer.width / 500; // a line as wide as it looks on the page
  const trace = (d, colour, width, dashes = []) => {
    pen.setLineDash(dashes.map((length) => length * unit));
    pen.lineCap = dashes[0] === 1 ? "round" : "butt";
    pen.strokeStyle = colour;
    pen.lineWidth = width * unit;
    pen.stroke(new Path2D(d));
  };
  for (const piece of answer.pieces) {
    if (shown("seen")) {
      pen.globalAlpha = 0.1;
      pen.fillStyle = piece.colour;
      pen.fill(new Path2D(piece.visible));
      pen.globalAlpha = 1;
      trace(piece.visible, piece.colour, 2.5);
    }
    if (piece.hidden && shown("hidden")) trace(piece.hidden, piece.colour, 2, [6, 5]);
  }
  if (shown("true")) for (const piece of answer.truth?.pieces ?? []) trace(piece.outline, "#fff", 1.5, [1, 4]);
  if (shown("name")) {
    pen.font = `600 ${15 * unit}px system-ui, sans-serif`;
    Object.assign(pen, { textAlign: "center", textBaseline: "middle", lineJoin: "round" });
    Object.assign(pen, { lineWidth: 4 * unit, strokeStyle: "#000", fillStyle: "#fff" });
    pen.setLineDash([]);
    for (const piece of answer.pieces) {
      pen.strokeText(named(piece), ...piece.at);
      pen.fillText(named(piece), ...piece.at);
    }
  }
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
