// Point at a pixel: what semantic, instance and panoptic segmentation say of it.
// data: photo, size, segments (a PNG whose grey is the number), facts (for each number: name, piece or "", thing).
CX.define("kinds", async (stage, data, CX) => {
  const [width, height] = data.size, { data: rgba } = await CX.pixels(data.segments);
  const segments = Uint8Array.from({ length: width * height }, (_, i) => rgba[4 * i]);
  const piece = (fact) => CX.say("{food}, piece {number}", { food: fact.name, number: fact.piece });
  const kinds = [
    { name: CX.say("Semantic"), same: (a, b) => data.facts[a].name === data.facts[b].name, told: (fact) => fact.name },
    { name: CX.say("Instance"), same: (a, b) => a === b && data.facts[a].thing, told: (fact) => fact.thing ? piece(fact) : CX.say("nothing") },
    { name: CX.say("Panoptic"), same: (a, b) => a === b, told: (fact) => fact.thing ? piece(fact) : fact.name },
  ];
  let at = data.start.slice();
  const said = CX.said();
  const panels = kinds.map(({ name, same, told }) => {
    const ground = CX.ground(data.photo, width, height, CX.say("{name}: the region of the pixel under the cross", { name }));
    const canvas = CX.make("canvas", { width, height });
    const over = CX.make("image", { width, height });
    const cross = CX.make("path", { d: "M-9 0H-3M3 0H9M0-9V-3M0 3V9", stroke: "#fff", "stroke-width": 2.4 });
    const thin = CX.make("path", { d: "M-9 0H-3M3 0H9M0-9V-3M0 3V9", stroke: "#111", "stroke-width": 1 });
    const mark = CX.make("g", {}, cross, thin), words = CX.make("figcaption", { style: "font-weight:400" });
    ground.append(over, mark);
    const hit = CX.make("rect", { width, height, fill: "rgba(255,255,255,.001)" });
    ground.append(hit);
    const go = (event) => {
      const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(ground.getScreenCTM().inverse());
      at = [CX.clamp(Math.floor(place.x), 0, width - 1), CX.clamp(Math.floor(place.y), 0, height - 1)];
      CX.soon(draw);
    };
    hit.addEventListener("pointermove", go);
    hit.addEventListener("pointerdown", go);
    CX.set(ground, { tabindex: 0, role: "application", "aria-label": CX.say("{name}; arrow keys move the cross", { name }) });
    ground.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way) return;
      event.preventDefault();
      at = [CX.clamp(at[0] + 4 * way[0], 0, width - 1), CX.clamp(at[1] + 4 * way[1], 0, height - 1)];
      CX.soon(draw);
    });
    return { name, same, told, canvas, over, mark, words, figure: CX.make("figure", { class: "cx-panel" }, CX.make("figcaption", {}, name), ground, words), last: -1 };
  });

  function draw() {
    const here = segments[at[1] * width + at[0]];
    for (const panel of panels) {
      CX.set(panel.mark, { transform: `translate(${at[0]} ${at[1]})` });
      if (panel.last === here) continue;
      panel.last = here;
      CX.paint(panel.canvas, (target) => {
        const pixels = new Uint32Array(target.buffer);
        for (let i = 0; i < segments.length; i++) pixels[i] = panel.same(segments[i], here) ? 0x88005ed5 : 0x66000000; // orange where it belongs, shadow elsewhere
      });
      CX.set(panel.over, { href: panel.canvas.toDataURL() });
      panel.words.textContent = panel.told(data.facts[here]);
    }
    said.textContent = panels.map((panel) => `${panel.name}: ${panel.words.textContent}`).join(". ") + ".";
  }
  stage.append(CX.make("div", { class: "cx-row" }, ...panels.map((panel) => panel.figure)), said);
  draw();
});
