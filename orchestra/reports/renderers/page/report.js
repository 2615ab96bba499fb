"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const root = document.documentElement;

  // Light or dark: what the system says, until somebody says otherwise.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const preferred = () => (dark.matches ? "dark" : "light");
  const wear = (theme) => root.setAttribute("data-theme", theme);
  let said = null;
  try { said = localStorage.getItem("orchestra-theme"); } catch { /* a file may have no storage */ }
  wear(said || preferred());
  dark.addEventListener("change", () => { if (!said) wear(preferred()); });
  byId("theme")?.addEventListener("click", () => {
    const theme = root.getAttribute("data-theme") === "dark" ? "light" : "dark";
    said = theme === preferred() ? null : theme;
    wear(theme);
    try { said ? localStorage.setItem("orchestra-theme", said) : localStorage.removeItem("orchestra-theme"); } catch { /* the same */ }
  });

  // A long list is drawn in pieces, a frame each: a click waits for what it brings into the window, not for the rest.
  const PIECE = 200;
  let undrawn = [], drawing = 0;
  const draw = (most) => {
    cancelAnimationFrame(drawing);
    for (const element of undrawn.splice(0, most)) element.hidden = false;
    if (undrawn.length) drawing = requestAnimationFrame(() => draw(PIECE));
  };

  // A printed page is read whole; a very long list as it is open: 400 findings cost a browser 15 seconds, 2,000 minutes.
  const MOST_PRINTED = 400;
  const findings = [...document.querySelectorAll("details.finding")];
  let folded = [];
  addEventListener("beforeprint", () => {
    draw(Infinity);
    const whole = findings.filter((one) => !one.hidden).length <= MOST_PRINTED;
    folded = whole ? [...document.querySelectorAll("details:not([open])")] : [];
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of folded) one.open = false; });

  if (!findings.length || !byId("filters")) return;

  // The filters. One kind widens within itself (high or critical) and narrows across (and in this file).
  const facts = findings.map((element) => ({
    element,
    severity: [element.dataset.severity],
    life: [element.dataset.life],
    lens: element.dataset.lenses.split("\n"),
    worker: element.dataset.workers.split("\n"),
    file: element.dataset.files.split("\n"),
    text: null,
  }));
  const chosen = { severity: new Set(), lens: new Set(), life: new Set(), file: new Set(), worker: new Set() };
  let wanted = "";
  const chips = [...document.querySelectorAll("button[data-filter]")];
  const lists = [...document.querySelectorAll("select[data-filter]")];
  const search = byId("search"), count = byId("count"), clear = byId("clear"), apart = byId("apart");

  const told = (fact) => (fact.text ??= fact.element.textContent.toLowerCase().replace(/\s+/g, " "));
  const meets = (fact) =>
    Object.entries(chosen).every(([kind, values]) => !values.size || fact[kind].some((value) => values.has(value))) &&
    wanted.split(" ").every((word) => !word || told(fact).includes(word));
  const number = (n) => n.toLocaleString("en");
  const read = (from) => {  // before somebody searches, and a piece at a time for the same reason
    for (const fact of facts.slice(from, from + PIECE)) told(fact);
    if (from + PIECE < facts.length) setTimeout(read, 0, from + PIECE);
  };
  setTimeout(read, 0, 0);

  const show = () => {
    let seen = 0, seenApart = 0;
    undrawn = [];
    for (const fact of facts) {
      const hit = meets(fact);
      if (!hit) fact.element.hidden = true;
      else if (fact.element.hidden) undrawn.push(fact.element);
      seen += hit;
      seenApart += hit && fact.element.classList.contains("apart");
    }
    const filters = Object.values(chosen).reduce((sum, values) => sum + values.size, 0) + (wanted ? 1 : 0);
    const noun = facts.length === 1 ? "finding" : "findings";
    count.textContent = filters ? `${number(seen)} of ${number(facts.length)} ${noun}` : `${number(facts.length)} ${noun}`;
    byId("nothing").hidden = seen > 0;
    if (apart) apart.hidden = !seenApart;
    clear.hidden = !filters;
    byId("active").textContent = filters ? `(${filters} on)` : "";
    for (const chip of chips) chip.setAttribute("aria-pressed", chosen[chip.dataset.filter].has(chip.dataset.value));
    for (const list of lists) list.value = [...chosen[list.dataset.filter]][0] ?? "";
    draw(PIECE);
    keep();
  };

  // The address carries the filters, so that a view can be sent to somebody.
  const keep = () => {
    const said = new URLSearchParams();
    for (const [kind, values] of Object.entries(chosen)) for (const value of values) said.append(kind, value);
    if (wanted) said.append("q", wanted);
    const hash = said.toString();
    if (hash || location.hash.includes("=")) {
      try { history.replaceState(null, "", `#${hash}`); } catch { /* some viewers refuse */ }
    }
  };
  const recall = () => {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) return reveal(hash);
    const said = new URLSearchParams(hash);
    for (const kind of Object.keys(chosen)) chosen[kind] = new Set(said.getAll(kind));
    wanted = (said.get("q") ?? "").toLowerCase();
    search.value = wanted;
    show();
  };
  const showAll = () => {
    for (const values of Object.values(chosen)) values.clear();
    wanted = search.value = "";
    show();
  };
  const reveal = (id) => {
    const one = id ? byId(id) : null;
    if (!one || !one.classList.contains("finding")) return;
    draw(Infinity);
    if (one.hidden) { showAll(); draw(Infinity); }
    one.open = true;
    one.scrollIntoView({ block: "start" });
  };

  for (const chip of chips) {
    chip.addEventListener("click", () => {
      const values = chosen[chip.dataset.filter];
      values.has(chip.dataset.value) ? values.delete(chip.dataset.value) : values.add(chip.dataset.value);
      show();
    });
  }
  for (const list of lists) {
    list.addEventListener("change", () => { chosen[list.dataset.filter] = new Set(list.value ? [list.value] : []); show(); });
  }
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { wanted = search.value.trim().toLowerCase().replace(/\s+/g, " "); show(); }, 80);
  });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  clear.addEventListener("click", () => { showAll(); search.focus(); });
  if (matchMedia("(max-width: 60rem)").matches) byId("more").open = false;

  // Open all, and a way through the list without a mouse.
  const unfold = byId("unfold");
  const unfoldAll = () => {
    const open = unfold.getAttribute("aria-pressed") !== "true";
    draw(Infinity);
    for (const one of findings) if (!one.hidden) one.open = open;
    unfold.setAttribute("aria-pressed", open);
    unfold.textContent = open ? "Close all" : "Open all";
  };
  unfold.addEventListener("click", unfoldAll);
  const step = (by) => {
    const seen = findings.filter((one) => !one.hidden);
    const at = seen.findIndex((one) => one.contains(document.activeElement));
    const next = seen[at < 0 ? (by > 0 ? 0 : seen.length - 1) : Math.min(Math.max(at + by, 0), seen.length - 1)];
    next?.querySelector("summary").focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches?.("input, select, textarea");
    if (event.key === "Escape" && event.target === search) { search.value = ""; wanted = ""; show(); search.blur(); return; }
    if (typing) return;
    const act = { "/": () => search.focus(), j: () => step(1), k: () => step(-1), e: unfoldAll }[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  addEventListener("hashchange", recall);
  recall();
})();
