// What the page says, in its language: English words are the keys of the translations that came with it.

const words = JSON.parse(document.getElementById("words").textContent);

export const language = document.documentElement.lang;

// `text` stands there in quotes, and not within a template literal, where the catalogue would not find it. Each {name}
// in it is filled in.
export function say(text, values = {}) {
  return (words[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
