// One painting as large as the window, with its photo under a slider where there is one.
const viewer = (() => {
  const dialog = byId("viewer");
  const compare = dialog.querySelector(".compare");
  const picture = dialog.querySelector(".picture");
  const [large, photo, slider] = [byId("painting"), byId("photo"), byId("slider")];
  let painting = null;

  function open(chosen) {
    set(chosen);
    if (!dialog.open) dialog.showModal();
    byId("viewer-title").focus();
  }

  function set(chosen) {
    painting = chosen;
    const list = grid.paintings();
    const at = list.indexOf(painting);
    byId("viewer-title").textContent = grid.nameOf(painting);
    byId("place").textContent = `${at + 1} of ${list.length}`;
    byId("back").disabled = at <= 0;
    byId("next").disabled = at < 0 || at >= list.length - 1;
    byId("file").href = painting.url;
    byId("unseen").hidden = true;
    large.alt = `Painting, ${grid.afterOf(painting) || grid.nameOf(painting)}`;
    large.src = painting.url;
    compare.style.setProperty("--ratio", painting.width / painting.height);
    compare.style.setProperty("--width", `${painting.width}px`);
    frame();
    compareWith(painting.before);
    facts();
    refresh();
    // The next one is likely to be wanted next.
    if (list[at + 1]) new Image().src = list[at + 1].url;
  }

  // A picture frame lies around the painting, and the photo in it.
  function frame() {
    const px = painting.size_px ? Math.max(0, (Math.max(painting.width, painting.height) - painting.size_px) / 2) : 0;
    compare.style.setProperty("--inset-x", `${(100 * px) / painting.width}%`);
    compare.style.setProperty("--inset-y", `${(100 * px) / painting.height}%`);
  }

  function compareWith(before) {
    const sliding = Boolean(before) && !painting.beside;
    compare.classList.toggle("sliding", sliding);
    compare.classList.toggle("side", Boolean(before) && Boolean(painting.beside));
    photo.hidden = !before;
    slider.hidden = dialog.querySelector(".cut").hidden = !sliding;
    if (!before) return photo.removeAttribute("src");
    photo.alt = `The photo, ${shown(painting.photo ?? "")}`;
    photo.src = `${data.folder}/${before}`;
    return slide(50);
  }

  // Photo to the left of the cut, painting to its right.
  function slide(percent) {
    const cut = Math.min(100, Math.max(0, percent));
    const inset = parseFloat(compare.style.getPropertyValue("--inset-x")) || 0;
    slider.value = String(cut);
    slider.setAttribute("aria-valuetext", `${Math.round(cut)} % photo`);
    compare.style.setProperty("--cut", `${cut}%`);
    compare.style.setProperty("--cut-photo", `${(100 * (cut - inset)) / (100 - 2 * inset)}%`);
  }

  function facts() {
    const rows = [
      ["Style", painting.style],
      ["Chosen", painting.reason],
      ["What spoke for it", painting.reasons?.map(([words, factor]) => `${words} (odds × ${factor.toFixed(1)})`).join("; ")],
      ["Odds of styles", odds()],
      ["After", painting.reference],
      ["Costume", painting.costume],
      ["Photo", shown(painting.photo ?? "")],
      ["Face", painting.face?.replace("/", " of ")],
      ["Size", `${painting.width} × ${painting.height} pixels`],
      ["Paint it again", painting.command],
    ];
    const list = byId("facts");
    list.replaceChildren();
    for (const warning of painting.warnings ?? []) row(list, "Warning", warning).className = "warning";
    for (const [name, value] of rows) if (value) row(list, name, value);
  }

  function odds() {
    const each = Object.entries(painting.odds ?? {}).sort((a, b) => b[1] - a[1]);
    return each.map(([style, share]) => `${style} ${Math.round(100 * share)} %`).join(", ");
  }

  function row(list, name, value) {
    const told = element("dd", "", value);
    list.append(element("dt", "", name), told);
    return told;
  }

  function refresh() {
    if (painting) byId("viewer-keep").setAttribute("aria-pressed", String(keepers.has(painting.file)));
  }

  function turn(by) {
    const list = grid.paintings();
    const to = list[list.indexOf(painting) + by];
    if (to) set(to);
  }

  function zoom() {
    const whole = picture.classList.toggle("whole");
    byId("zoom").setAttribute("aria-pressed", String(whole));
    if (whole) picture.scrollTo((painting.width - picture.clientWidth) / 2, (painting.height - picture.clientHeight) / 2);
  }

  function follow(event) {
    const box = compare.getBoundingClientRect();
    slide((100 * (event.clientX - box.left)) / box.width);
  }

  large.addEventListener("error", () => {
    const small = `${data.folder}/${painting.thumbnail}`;
    if (large.getAttribute("src") === small) return;
    byId("unseen").hidden = false;
    large.src = small;
  });
  photo.addEventListener("error", () => compareWith(""));
  slider.addEventListener("input", () => slide(slider.valueAsNumber));
  compare.addEventListener("dragstart", (event) => event.preventDefault());
  compare.addEventListener("mousedown", (event) => {
    // Or the focus would leave the slider again.
    if (compare.classList.contains("sliding")) event.preventDefault();
  });
  compare.addEventListener("pointerdown", (event) => {
    if (!compare.classList.contains("sliding") || event.button) return;
    if (picture.classList.contains("whole") && !event.target.matches(".cut")) return;
    compare.setPointerCapture(event.pointerId);
    follow(event);
    slider.focus();
  });
  compare.addEventListener("pointermove", (event) => {
    if (compare.hasPointerCapture(event.pointerId)) follow(event);
  });
  // On a phone a stroke over what is no slider turns the page.
  let began = null;
  dialog.addEventListener("pointerdown", (event) => {
    const turns = event.pointerType === "touch" && !event.target.closest(".sliding, .whole, button, a");
    began = turns ? [event.clientX, event.clientY] : null;
  });
  dialog.addEventListener("pointerup", (event) => {
    if (!began) return;
    const [x, y] = [event.clientX - began[0], event.clientY - began[1]];
    if (Math.abs(x) > 50 && Math.abs(x) > 2 * Math.abs(y)) turn(x < 0 ? 1 : -1);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    const arrows = event.target === slider ? {} : { arrowleft: -1, arrowright: 1 };
    const by = arrows[key] ?? { pageup: -1, pagedown: 1 }[key];
    if (by) turn(by);
    else if (key === "k") keepers.toggle(painting.file);
    else if (key === "z") zoom();
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("close", () => grid.focus(painting));
  byId("viewer-keep").addEventListener("click", () => keepers.toggle(painting.file));
  byId("zoom").addEventListener("click", zoom);
  byId("close").addEventListener("click", () => dialog.close());
  byId("back").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));

  return { open, refresh };
})();
