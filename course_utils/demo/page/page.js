// The page: which photo is shown, what is asked of the server, and what is done with its answer.

import { draw, drawPieces, picture } from "./layers.js";
import { inWords, showResult } from "./result.js";
import { Ruler } from "./ruler.js";
import { plateInAddress, stayAt, takeAlong, takenAlong } from "./switch.js";
import { language, say } from "./words.js";

const at = (id) => document.getElementById(id);
const all = (selector) => document.querySelectorAll(selector);
const MAX_MEGABYTES = 20;
const PAUSE = 150; // milliseconds without a further move before the server is asked again

const pieces = draw("g", {}, at("overlay"));
const ruler = new Ruler(at("stage"), draw("line", { class: "ruler" }, at("overlay")), askAgain);
let photo = null;    // what is shown: a plate's name or one's own picture, and whether its scale was given
let answer = null;   // what is known of it
let asking = null;   // the question under way: a newer one ends it, here and on the server
let waiting = 0;

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function tell(text, error = false) {
  at("message").textContent = text;
  at("message").classList.toggle("error", error);
}

// The server's answer as a Response, or null: overtaken by another question, or an error, which has been said.
async function post(address, body) {
  asking?.abort();
  const mine = asking = new AbortController();
  at("answer").setAttribute("aria-busy", "true");
  tell(say("Looking …"));
  try {
    const response = await fetch(address, { method: "POST", body, signal: mine.signal });
    const isPicture = response.headers.get("Content-Type").startsWith("image/");
    const content = await (isPicture ? response.blob() : response.json());
    if (mine !== asking) return null;
    at("answer").setAttribute("aria-busy", "false");
    if (response.ok) return content;
    fail(capital(content.error) + ".");
  } catch {
    if (mine === asking) fail(say("The demo does not answer; is it still running?"));
  }
  return null;
}

function fail(text) {
  forgetAnswer();
  at("answer").setAttribute("aria-busy", "false");
  tell(text, true);
}

function forgetAnswer() {
  answer = null;
  pieces.replaceChildren();
  at("result").hidden = at("tools").hidden = true;
}

function forgetPhoto() {
  asking?.abort();
  asking = photo = null;
  clearTimeout(waiting);
  stayAt();
  forgetAnswer();
  ruler.hide();
  for (const one of all("#plates button")) one.setAttribute("aria-pressed", "false");
  at("photo").hidden = at("scale").hidden = true;
  at("empty").hidden = false;
  at("stage").style.removeProperty("--ratio");
}

async function showPhoto(source, alt) {
  at("photo").src = source;
  at("photo").alt = alt;
  await at("photo").decode();
  const { naturalWidth: width, naturalHeight: height } = at("photo");
  at("photo").hidden = false;
  at("empty").hidden = true;
  at("stage").style.setProperty("--ratio", width / height);
  at("overlay").setAttribute("viewBox", `0 0 ${width} ${height}`);
  fitNames();
}

function fitNames() {
  const width = at("photo").naturalWidth;
  if (width) at("overlay").style.setProperty("--px", width / at("stage").clientWidth);
}

function pick(name, button) {
  forgetPhoto();
  photo = { plate: name };
  stayAt(name);
  button.setAttribute("aria-pressed", "true");
  showPhoto(`/plates/${name}.jpg`, say("A plate of the course.")).catch(() => {});
  ask();
}

// A photo goes to the server first: it reads more kinds than browsers, and says better what is wrong with one.
async function bring(file) {
  if (!file) return;
  forgetPhoto();
  if (file.size > MAX_MEGABYTES * 2 ** 20) {
    const megabytes = (file.size / 2 ** 20).toFixed(0);
    const words = say("This file has {megabytes} MB; please choose one of at most {most}.",
      { megabytes, most: MAX_MEGABYTES });
    return tell(words, true);
  }
  const picture = await post(`/picture?language=${language}`, file);
  if (picture) look({ picture });
}

// At a picture that the server has read, and with what is known of its scale, if anything is.
async function look({ picture, weighed = false, ends = null, touched = false }) {
  const mine = photo = { picture, weighed };
  const address = URL.createObjectURL(picture);
  await showPhoto(address, say("Your photo."));
  URL.revokeObjectURL(address);
  if (mine !== photo) return;
  if (ends) showScale(ends, touched);
  ask();
}

function showScale(...where) {
  ruler.show(...where);
  at("scale").hidden = false;
}

async function ask() {
  clearTimeout(waiting);
  const asked = new URLSearchParams({ language, score: at("score").value });
  if (photo.weighed) {
    asked.set("plate_share", ruler.share(at("photo").naturalWidth / at("photo").naturalHeight).toFixed(4));
    asked.set("diameter_cm", at("diameter").value);
  }
  const content = await post(photo.plate ? `/plates/${photo.plate}?${asked}` : `/photo?${asked}`, photo.picture);
  if (content) show(content);
}

// After a move of the ruler or of the score: at once, but not for each step on the way.
function askAgain() {
  clearTimeout(waiting);
  if (!photo || (photo.picture && !photo.weighed && !answer)) return;
  waiting = setTimeout(() => { if (at("scale").hidden || at("diameter").checkValidity()) ask(); }, PAUSE);
}

function show(content) {
  const first = !answer || answer.weighed !== content.weighed;
  forgetAnswer();
  if (content.refusal) {
    ruler.hide();
    at("scale").hidden = true;
    return tell(capital(content.refusal) + ".");
  }
  answer = content;
  const { problems } = answer.total;
  const count = answer.pieces.length === 1 ? say("1 piece.") : say("{count} pieces.", { count: answer.pieces.length });
  drawPieces(answer, pieces, mark);
  at("photo").alt = inWords(answer);
  if (photo.picture && at("scale").hidden) showScale();
  at("tools").hidden = false;
  at("tools").classList.toggle("no-truth", !answer.truth);
  showResult(answer, note(), mark);
  if (problems.length) tell(capital(problems.join("; ")));
  else tell(answer.weighed ? count : count + " " + say("How large is the plate?"));
  if (first && answer.weighed) at("sum").scrollIntoView({ block: "nearest" });
}

// What the scale rests on, when nobody has said it.
function note() {
  if (!photo.weighed || ruler.touched) return "";
  return say("The ruler was not moved: this holds only if the plate's rim lies under its two rings.");
}

function mark(k, on) {
  for (const one of all(`[data-piece="${k}"]`)) one.classList.toggle("active", on);
}

async function save(kind) {
  const name = photo.plate ?? "photo";
  const shown = (layer) => !at("overlay").classList.contains(`no-${layer}`);
  const content = kind === "png" ? await picture(at("photo"), answer, shown)
    : new Blob([kind === "csv" ? answer.csv : JSON.stringify(answer.coco)]);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = `${name}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// What goes along to the page in another language.
function chosen() {
  const layers = [...all("[data-layer]:checked")].map((box) => box.dataset.layer);
  const common = { score: at("score").value, layers, diameter: at("diameter").value };
  if (!photo?.picture) return common;
  const weighed = photo.weighed && at("diameter").checkValidity();
  return { ...common, picture: photo.picture, weighed, ends: ruler.ends, touched: ruler.touched };
}

const before = takenAlong();
if (before.layers) for (const box of all("[data-layer]")) box.checked = before.layers.includes(box.dataset.layer);
for (const id of ["score", "diameter"]) at(id).value = before[id] ?? at(id).value;
takeAlong(chosen);

for (const box of all("[data-layer]")) {
  const switchLayer = () => at("overlay").classList.toggle(`no-${box.dataset.layer}`, !box.checked);
  box.addEventListener("change", switchLayer);
  switchLayer(); // a reloaded page keeps its ticks
}
for (const button of all("[data-save]")) button.addEventListener("click", () => save(button.dataset.save));

const showScore = () => { at("least").textContent = Number(at("score").value).toFixed(2); };
at("score").addEventListener("input", () => { showScore(); askAgain(); });
showScore();
at("diameter").addEventListener("input", () => { if (photo.weighed) askAgain(); });
at("scale").addEventListener("submit", (event) => {
  event.preventDefault();
  photo.weighed = true;
  ask();
});

at("own").addEventListener("click", () => at("file").click());
at("file").addEventListener("change", () => { bring(at("file").files[0]); at("file").value = ""; });
addEventListener("dragover", (event) => { event.preventDefault(); at("drop").hidden = false; });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) at("drop").hidden = true; });
addEventListener("drop", (event) => {
  event.preventDefault();
  at("drop").hidden = true;
  bring(event.dataTransfer.files[0]);
});
new ResizeObserver(fitNames).observe(at("stage"));

const { plates } = await (await fetch("/plates")).json();
plates.forEach((plate, k) => {
  const button = document.createElement("button");
  const image = button.appendChild(document.createElement("img"));
  image.src = `/plates/${plate.name}.jpg`;
  const heaped = plate.scenario === "occluded", told = { number: k + 1, foods: plate.foods.join(", ") };
  image.alt = heaped ? say("Plate {number}: {foods}, heaped", told) : say("Plate {number}: {foods}, apart", told);
  button.title = heaped ? say("pieces hide each other") : say("pieces lie apart");
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => pick(plate.name, button));
  at("plates").append(button);
});

// A plate that the address names, or the photo that came along.
const named = plates.findIndex((plate) => plate.name === plateInAddress());
if (named >= 0) pick(plates[named].name, all("#plates button")[named]);
else if (before.picture) look(before);
addEventListener("hashchange", () => location.reload());
