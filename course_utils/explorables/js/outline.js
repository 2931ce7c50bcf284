// Outline a hidden piece by clicking; its score at once. data: photo, size, offset [x, y], whole and front (rows as text of 0 and 1).
CX.define("outline", (stage, data, CX) => {
  const [width, height] = data.size, [left, top] = data.offset;
  const whole = data.whole.map((row) => [...row].map(Number)), front = data.front.map((row) => [...row].map(Number));
  const picture = CX.ground(data.photo, width, height, CX.say("A plate; click to outline the piece, also where it is hidden"));
  const area = CX.make("polygon", { fill: "rgba(213,94,0,.25)", stroke: "var(--cx-accent)", "stroke-width": 1.2 });
  const truth = CX.make("path", { fill: "none", stroke: "#fff", "stroke-width": 1, "stroke-dasharray": "3 2" });
  picture.append(area, truth);
  picture.style.cursor = "crosshair";
  CX.set(picture, { tabindex: 0, role: "application", "aria-label": CX.say("Photo; arrow keys move the cross, Enter sets a corner, Backspace takes the last one away") });
  const cross = CX.make("path", { d: "M-4 0H4M0-4V4", stroke: "#fff", "stroke-width": 0.8, transform: `translate(${width / 2} ${height / 2})`, opacity: 0 });
  picture.append(cross);
  const said = CX.said(), code = CX.make("textarea", { readonly: "", rows: 3, "aria-label": CX.say("The polygon as Python"), style: "width:100%;font:12px monospace;box-sizing:border-box" });
  let points = [], handles = [], at = [width / 2, height / 2];

  // A pixel is inside when its middle is: an odd number of edges cross the ray to its right.
  const inside = (x, y) => {
    let odd = false;
    for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
      const [xi, yi] = points[i], [xj, yj] = points[j];
      if (yi > y !== yj > y && x < (xj - xi) * (y - yi) / (yj - yi) + xi) odd = !odd;
    }
    return odd;
  };

  function draw() {
    CX.set(area, { points: points.map((p) => p.join(",")).join(" ") });
    points.forEach((p, k) => CX.set(handles[k], { cx: p[0], cy: p[1] }));
    code.value = `my_polygon = [${points.map(([x, y]) => `(${Math.round(x + left)}, ${Math.round(y + top)})`).join(", ")}]`;
    if (points.length < 3) {
      said.textContent = CX.say("Three corners make a first outline.");
      return;
    }
    const count = { both: 0, any: 0, bothHidden: 0, anyHidden: 0 };
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
      const mine = inside(x + 0.5, y + 0.5), theirs = whole[y][x] === 1;
      if (!mine && !theirs) continue;
      count.any++;
      count.anyHidden += front[y][x];
      if (mine && theirs) {
        count.both++;
        count.bothHidden += front[y][x];
      }
    }
    said.textContent = CX.say("IoU with the whole piece {whole}; hidden part alone {hidden}.", {
      whole: (count.both / count.any).toFixed(2), hidden: (count.bothHidden / Math.max(1, count.anyHidden)).toFixed(2) });
  }
  const add = (x, y) => {
    const point = [x, y], handle = CX.make("circle", { r: 3, fill: "var(--cx-accent)", stroke: "#fff", "stroke-width": 0.8 });
    points.push(point);
    handles.push(handle);
    picture.append(handle);
    CX.draggable(handle, picture, CX.say("Corner {number}", { number: points.length }), 1, (dx, dy) => {
      point[0] = CX.clamp(point[0] + dx, 0, width);
      point[1] = CX.clamp(point[1] + dy, 0, height);
      CX.soon(draw);
    });
    CX.soon(draw);
  };
  const undo = () => {
    points.pop();
    handles.pop()?.remove();
    CX.soon(draw);
  };
  picture.addEventListener("pointerdown", (event) => {
    if (event.target.tagName === "circle") return;
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
    add(place.x, place.y);
  });
  picture.addEventListener("keydown", (event) => {
    if (event.target !== picture) return;
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (way) at = [CX.clamp(at[0] + 3 * way[0], 0, width), CX.clamp(at[1] + 3 * way[1], 0, height)];
    else if (event.key === "Enter") add(...at);
    else if (event.key === "Backspace") undo();
    else return;
    event.preventDefault();
    CX.set(cross, { transform: `translate(${at[0]} ${at[1]})`, opacity: 1 });
  });
  // The truth as the border between its pixels and the others, shown only on demand.
  const border = () => whole.map((row, y) => row.map((on, x) => on ? [[x - 1, y, "M" + x + " " + y + "v1"], [x + 1, y, "M" + (x + 1) + " " + y + "v1"], [x, y - 1, "M" + x + " " + y + "h1"], [x, y + 1, "M" + x + " " + (y + 1) + "h1"]]
    .filter(([u, v]) => !(whole[v]?.[u])).map((edge) => edge[2]).join("") : "").join("")).join("");
  const button = (name, act) => CX.make("button", { type: "button", class: "cx-button", onclick: act }, name);
  stage.append(CX.make("div", { class: "cx-row" }, picture), CX.make("div", { class: "cx-control" },
    button(CX.say("take back"), undo), button(CX.say("begin again"), () => { while (points.length) undo(); }),
    button(CX.say("show the truth"), () => CX.set(truth, { d: truth.getAttribute("d") ? "" : border() }))), said, code);
  picture.style.maxWidth = "30em";
  draw();
});
