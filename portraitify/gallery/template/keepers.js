"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const element = (name, className = "", text = "") => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
};
// As a terminal would show it: names may hold line feeds, and marks that turn the direction of writing.
const shown = (name) => name.replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/gu, "\uFFFD");
const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// Which paintings are kept, and the list of them; portraitify/gallery/keeping.py reads it.
const keepers = (() => {
  const place = `portraitify-keepers:${location.pathname}`;
  const known = new Set(data.paintings.map((painting) => painting.file));
  const kept = new Set();
  let changed = () => {};

  function remember() {
    try {
      localStorage.setItem(place, JSON.stringify([...kept]));
    } catch {
      // A browser that keeps nothing for files still saves the list.
    }
  }

  function recall() {
    try {
      for (const file of JSON.parse(localStorage.getItem(place)) ?? []) if (known.has(file)) kept.add(file);
    } catch {
      // Somebody else's words under our name.
    }
  }

  // What a line cannot hold stands there as a JSON string.
  function line(file) {
    const plain = !/^["#\s]|\s$|[\p{Cc}\p{Cs}\u2028\u2029]/u.test(file);
    return plain ? file : JSON.stringify(file);
  }

  function text() {
    const files = data.paintings.map((painting) => painting.file).filter((file) => kept.has(file));
    const home = location.protocol === "file:" ? `# gallery: ${location.href.replace(/[?#].*$/, "")}\n` : "";
    return `# ${counted(files.length, "keeper")} of ${counted(known.size, "painting")}\n${home}${files.map((file) => `${line(file)}\n`).join("")}`;
  }

  function read(list) {
    const lines = list.replace(/^\uFEFF/, "").split(list.includes("\0") ? "\0" : /\r?\n/);
    let found = 0;
    let missing = 0;
    for (const each of lines) {
      if (!each.trim() || each.startsWith("#")) continue;
      let file = each;
      try {
        if (each.startsWith('"')) file = JSON.parse(each);
      } catch {
        file = "";
      }
      if (known.has(file)) {
        kept.add(file);
        found += 1;
      } else {
        missing += 1;
      }
    }
    remember();
    changed();
    return { found, missing };
  }

  recall();
  return {
    has: (file) => kept.has(file),
    count: () => kept.size,
    toggle(file) {
      if (!kept.delete(file)) kept.add(file);
      remember();
      changed(file);
    },
    clear() {
      kept.clear();
      remember();
      changed();
    },
    text,
    read,
    onChange(callback) {
      changed = callback;
    },
  };
})();
