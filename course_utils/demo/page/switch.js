// The way to the page in another language, where all stands as it stood here. A plate is named in the address. What else
// was chosen, one's own photo too, goes along in the memory of this tab, from one page to the next and no further.

const KEY = "chosen";
const links = document.querySelectorAll("[hreflang]");

export const plateInAddress = () => location.hash.slice(1);

// The address of a plate; without a name, that of none.
export function stayAt(plate = "") {
  history.replaceState(null, "", plate ? `#${plate}` : location.pathname + location.search);
  for (const link of links) link.hash = plate;
}

// `chosen()` says what goes along: plain values, and a `picture` as a Blob.
export function takeAlong(chosen) {
  for (const link of links) {
    link.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // to another tab, which has its own memory
      event.preventDefault();
      const { picture, ...plain } = chosen();
      try {
        sessionStorage.setItem(KEY, JSON.stringify({ ...plain, picture: picture && await asText(picture) }));
      } catch { /* no room, or not allowed: the other page begins anew */ }
      location.assign(link.href);
    });
  }
}

// What came along from the page before, once.
export function takenAlong() {
  try {
    const { picture, ...plain } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    sessionStorage.removeItem(KEY);
    return picture ? { ...plain, picture: asBlob(picture) } : plain;
  } catch {
    return {};
  }
}

function asText(blob) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = fail;
    reader.readAsDataURL(blob);
  });
}

function asBlob(text) {
  const [kind, content] = text.slice("data:".length).split(";base64,");
  return new Blob([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], { type: kind });
}
