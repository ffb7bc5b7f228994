// The cards. Those of the first screens are made at once, the others while nothing else is to be done.
const grid = (() => {
  const FIRST = 60;
  const STEP = 40;
  const list = byId("grid");
  const cards = new Map();
  let paintings = [];
  let made = 0;
  let turn = 0;
  let current = null;
  const later = window.requestIdleCallback ?? ((work) => setTimeout(() => work({ timeRemaining: () => 8 }), 0));

  function nameOf(painting) {
    return shown(painting.file.replace(/\.(portrait|sheet)(\.[^./]+)$/, ""));
  }

  function afterOf(painting) {
    const after = painting.painters?.length ? `after ${painting.painters.join(", ")}` : "";
    return [painting.style, after].filter(Boolean).join(", ");
  }

  function cardOf(painting) {
    let card = cards.get(painting.file);
    if (card) return card;
    card = element("li", "card");
    card.painting = painting;
    const open = element("button", "open");
    open.type = "button";
    const small = element("img");
    small.loading = "lazy";
    small.decoding = "async";
    small.width = small.height = 320;
    small.alt = "";
    small.src = `${data.folder}/${painting.thumbnail}`;
    // Without the small copies the page still works, only slower.
    small.addEventListener("error", () => { small.src = painting.url; }, { once: true });
    open.append(small);
    open.setAttribute("aria-label", `${nameOf(painting)}, ${afterOf(painting)}: look at it`);
    const keep = element("button", "keep");
    keep.type = "button";
    keep.setAttribute("aria-label", `Keep ${nameOf(painting)}`);
    open.tabIndex = keep.tabIndex = -1;
    const name = element("p", "name");
    name.append(element("bdi", "", nameOf(painting)));
    card.append(open, keep, name, element("p", "after", afterOf(painting)));
    if (painting.warnings) card.append(element("p", "warned", `⚠ ${counted(painting.warnings.length, "warning")}`));
    cards.set(painting.file, card);
    mark(card);
    return card;
  }

  function mark(card) {
    const kept = keepers.has(card.painting.file);
    card.classList.toggle("kept", kept);
    card.querySelector(".keep").setAttribute("aria-pressed", String(kept));
  }

  function append(count) {
    const part = document.createDocumentFragment();
    for (const painting of paintings.slice(made, made + count)) part.append(cardOf(painting));
    made = Math.min(made + count, paintings.length);
    list.append(part);
  }

  function show(chosen) {
    const mine = ++turn;
    paintings = chosen;
    made = 0;
    list.replaceChildren();
    append(FIRST);
    settle(paintings.includes(current?.painting) ? current : list.firstElementChild);
    const more = (time) => {
      if (mine !== turn) return;
      do append(STEP);
      while (made < paintings.length && time.timeRemaining() > 6);
      if (made < paintings.length) later(more, { timeout: 250 });
    };
    if (made < paintings.length) later(more, { timeout: 250 });
  }

  // One card alone can be reached with Tab; arrows lead to the others.
  function settle(card) {
    for (const button of current?.querySelectorAll("button") ?? []) button.tabIndex = -1;
    current = card;
    for (const button of current?.querySelectorAll("button") ?? []) button.tabIndex = 0;
  }

  function focus(painting) {
    while (!cards.get(painting.file)?.isConnected && made < paintings.length) append(STEP);
    const card = cards.get(painting.file);
    if (!card?.isConnected) return;
    settle(card);
    card.querySelector(".open").focus();
    card.scrollIntoView({ block: "nearest" });
  }

  function step(key) {
    const at = paintings.indexOf(current?.painting);
    const columns = getComputedStyle(list).gridTemplateColumns.split(" ").length;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -at, End: paintings.length - 1 - at };
    const to = at + by[key];
    if (paintings[to]) focus(paintings[to]);
  }

  list.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (!card) return;
    settle(card);
    if (event.target.closest(".keep")) keepers.toggle(card.painting.file);
    else if (event.target.closest(".open")) viewer.open(card.painting);
  });
  list.addEventListener("focusin", (event) => {
    const card = event.target.closest(".card");
    if (card && card !== current) settle(card);
  });
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !current) return;
    if (/^(Arrow|Home$|End$)/.test(event.key)) {
      event.preventDefault();
      step(event.key);
    } else if (event.key.toLowerCase() === "k") {
      event.preventDefault();
      keepers.toggle(current.painting.file);
    }
  });
  // What is printed is all that is chosen, not only what was scrolled to.
  function all() {
    append(paintings.length);
    const copies = [...list.querySelectorAll("img")];
    for (const small of copies) small.loading = "eager";
    return copies;
  }

  // With all small copies loaded: not every browser waits for them before it prints.
  async function ready() {
    const loaded = (small) => new Promise((done) => ["load", "error"].forEach((end) => small.addEventListener(end, done)));
    await Promise.all(all().map((small) => small.complete || loaded(small)));
  }
  window.addEventListener("beforeprint", all);

  return {
    show,
    ready,
    focus,
    nameOf,
    afterOf,
    paintings: () => paintings,
    refresh(file) {
      for (const card of file === undefined ? cards.values() : [cards.get(file)]) if (card) mark(card);
    },
  };
})();
