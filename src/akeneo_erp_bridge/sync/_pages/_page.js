"use strict";
// Before the table is there, so that all of it is never laid out: the page shows a hundred items at a time.
document.documentElement.classList.add("js");
addEventListener("DOMContentLoaded", () => {
  const SIZE = 100;
  const by = (id) => document.getElementById(id);
  const items = Array.from(document.querySelectorAll("tbody.item"));
  const texts = new Array(items.length);
  const cells = new Array(items.length);
  let matching = items.map((_, place) => place);
  let page = 0;
  let on = [];

  const text = (place) => (texts[place] ??= items[place].textContent.toLowerCase());
  const cellsOf = (place) =>
    (cells[place] ??= new Set(Array.from(items[place].querySelectorAll("tr[data-cell]"), (row) => row.dataset.cell)));
  const shownIn = (name, row) => name === "" || row.dataset.cell === undefined || row.dataset.cell === name;

  function show(focused) {
    const last = Math.max(0, Math.ceil(matching.length / SIZE) - 1);
    page = Math.min(Math.max(page, 0), last);
    const cell = by("cell").value;
    on.forEach((item) => item.classList.remove("on"));
    on = matching.slice(page * SIZE, (page + 1) * SIZE).map((place) => items[place]);
    on.forEach((item) => {
      item.classList.add("on");
      item.querySelectorAll("tr[data-cell]").forEach((row) => (row.hidden = !shownIn(cell, row)));
    });
    const pages = last > 0 ? `, page ${page + 1} of ${last + 1}` : "";
    by("found").textContent = `${matching.length} of ${items.length} items${pages}`;
    by("pages").hidden = last === 0;
    by("place").textContent = `page ${page + 1} of ${last + 1}`;
    by("back").disabled = page === 0;
    by("next").disabled = page === last;
    if (focused && on.length > 0) {
      const heading = on[0].querySelector("th");
      heading.tabIndex = -1;
      heading.focus();
    }
  }

  function filter() {
    const words = by("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const action = by("action").value;
    const cell = by("cell").value;
    const noted = by("noted").checked;
    matching = [];
    items.forEach((item, place) => {
      const fits =
        (action === "" || item.dataset.action === action) &&
        (!noted || item.dataset.noted !== undefined) &&
        (cell === "" || cellsOf(place).has(cell)) &&
        words.every((word) => text(place).includes(word));
      if (fits) matching.push(place);
    });
    page = 0;
    show(false);
  }

  let waiting;
  by("search").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  for (const id of ["action", "cell", "noted"]) by(id).addEventListener("change", filter);
  by("filters").addEventListener("submit", (event) => { event.preventDefault(); filter(); });
  by("filters").addEventListener("reset", () => setTimeout(filter));
  by("back").addEventListener("click", () => { page -= 1; show(true); });
  by("next").addEventListener("click", () => { page += 1; show(true); });
  addEventListener("beforeprint", () => items.forEach((item) => item.classList.add("on")));
  addEventListener("afterprint", () => { items.forEach((item) => item.classList.remove("on")); show(false); });
  show(false);
});
