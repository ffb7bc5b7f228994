// Filters, order, and what is done with the keepers.
(() => {
  const filters = document.querySelector(".filters");
  const [find, style, painter, only, sort] = ["find", "style", "painter", "only", "sort"].map(byId);
  const collator = new Intl.Collator(undefined, { numeric: true });
  const painters = (painting) => painting.painters ?? [];
  const warnings = (painting) => painting.warnings?.length ?? 0;
  const compareBy = {
    name: () => 0,
    newest: (a, b) => b.stamp[1] - a.stamp[1],
    style: (a, b) => collator.compare(a.style ?? "", b.style ?? ""),
    painter: (a, b) => collator.compare(painters(a)[0] ?? "\uFFFF", painters(b)[0] ?? "\uFFFF"),
    photo: (a, b) => collator.compare(a.photo ?? "\uFFFF", b.photo ?? "\uFFFF"),
    warnings: (a, b) => warnings(b) - warnings(a),
  };
  const byName = [...data.paintings].sort((a, b) => collator.compare(a.file, b.file));

  function offer(select, all, values) {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const first = new Option(`${all} (${data.paintings.length})`, "");
    const each = [...counts].sort((a, b) => collator.compare(a[0], b[0]));
    select.replaceChildren(first, ...each.map(([value, count]) => new Option(`${value} (${count})`, value)));
  }

  function fits(painting) {
    const words = find.value.trim().toLocaleLowerCase();
    const kept = keepers.has(painting.file);
    return (
      (!words || `${painting.file}\n${painting.photo ?? ""}`.toLocaleLowerCase().includes(words)) &&
      (!style.value || painting.style === style.value) &&
      (!painter.value || painters(painting).includes(painter.value)) &&
      { all: true, kept, rest: !kept, warned: warnings(painting) > 0 }[only.value]
    );
  }

  function update() {
    const chosen = byName.filter(fits).sort(compareBy[sort.value]);
    grid.show(chosen);
    byId("nothing").hidden = chosen.length > 0 || data.paintings.length === 0;
    tell();
  }

  function tell(news = "") {
    const [here, all, kept] = [grid.paintings().length, data.paintings.length, keepers.count()];
    const count = here === all ? counted(all, "painting") : `${here} of ${counted(all, "painting")}`;
    byId("status").textContent = `${count}, ${counted(kept, "keeper")}${news && `. ${news}`}`;
    for (const id of ["save", "copy", "clear"]) byId(id).disabled = kept === 0;
  }

  function save() {
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([keepers.text()], { type: "text/plain" }));
    link.download = "keepers.txt";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    tell("keepers.txt was saved.");
  }

  async function copy() {
    const text = keepers.text();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Some browsers give pages from the disk no clipboard but this one.
      const area = element("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      byId("copy").focus();
      if (!done) return tell("The list could not be copied; save it instead.");
    }
    return tell("The list was copied.");
  }

  async function load(file) {
    const { found, missing } = keepers.read(await file.text());
    byId("list").value = "";
    tell(`${counted(found, "name")} of ${file.name} found${missing ? `, ${missing} not here` : ""}.`);
  }

  function clear() {
    if (confirm(`Keep none of the ${counted(keepers.count(), "keeper")}?`)) keepers.clear();
  }

  function failures() {
    const list = data.failures;
    byId("failures").hidden = list.length === 0;
    byId("failures").querySelector("summary").textContent = `${counted(list.length, "photo")} not painted`;
    byId("failures").querySelector("ul").append(...list.map((failure) => element("li", "", shown(failure.error))));
  }

  keepers.onChange((file) => {
    grid.refresh(file);
    viewer.refresh();
    tell();
  });
  offer(style, "all", data.paintings.map((painting) => painting.style ?? "").filter(Boolean));
  offer(painter, "all", data.paintings.flatMap(painters));
  filters.addEventListener("input", update);
  filters.addEventListener("submit", (event) => event.preventDefault());
  byId("reset").addEventListener("click", () => {
    filters.reset();
    update();
  });
  byId("save").addEventListener("click", save);
  byId("copy").addEventListener("click", copy);
  byId("clear").addEventListener("click", clear);
  byId("load").addEventListener("click", () => byId("list").click());
  byId("list").addEventListener("change", (event) => event.target.files[0] && load(event.target.files[0]));
  byId("print").addEventListener("click", async () => {
    tell("Getting all of them ready.");
    await grid.ready();
    tell();
    window.print();
  });
  byId("help").addEventListener("click", () => {
    const keys = byId("keys");
    keys.hidden = !keys.hidden;
    byId("help").setAttribute("aria-expanded", String(!keys.hidden));
    if (!keys.hidden) keys.scrollIntoView();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input, select") || byId("viewer").open) return;
    event.preventDefault();
    find.focus();
  });
  failures();
  update();
})();
