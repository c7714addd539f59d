"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const find = (selector, root = document) => root.querySelector(selector);
const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Makes an element of text and children; text is never read as markup. */
function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** Orders the rows of a table by one column; rows without a value stay at the end. */
function sortTable(header) {
  const table = header.closest("table");
  const column = [...header.parentNode.children].indexOf(header);
  const ascends = header.getAttribute("aria-sort") !== "ascending";
  for (const other of header.parentNode.children) {
    if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
  }
  header.setAttribute("aria-sort", ascends ? "ascending" : "descending");
  const keyed = [...table.tBodies[0].rows].map((row) => ({ row, key: row.cells[column].dataset.key }));
  const isNumeric = keyed.every(({ key }) => key === "" || !Number.isNaN(Number(key)));
  const compare = isNumeric ? (a, b) => Number(a) - Number(b) : (a, b) => a.localeCompare(b);
  keyed.sort((a, b) => {
    if (a.key === "" || b.key === "") return (a.key === "") - (b.key === "");
    return ascends ? compare(a.key, b.key) : compare(b.key, a.key);
  });
  table.tBodies[0].append(...keyed.map(({ row }) => row));
}

for (const button of findAll("table.sortable thead button")) {
  button.addEventListener("click", () => sortTable(button.closest("th")));
}

const filter = find("#filter");
const search = find("#search");
const sampleRows = () => findAll("table.samples tbody tr");

/** Whether a sample belongs to the choice of the filter, such as "disputed" or "run 3". */
function isChosen(sample, choice) {
  const right = sample.runs.map((run) => run.mark === "right");
  switch (choice) {
    case "all": return true;
    case "disputed": return right.includes(true) && right.includes(false);
    case "right": return !right.includes(false);
    case "wrong": return !right.includes(true);
    case "silent": return sample.runs.some((run) => run.mark === "silent" || run.mark === "failed");
  }
  const [outcome, run] = choice.split(" ");
  const pair = [right[Number(run)], right[data.baseline]].join();
  return pair === { both: "true,true", run: "true,false", baseline: "false,true", neither: "false,false" }[outcome];
}

/** Whole text of a value that may have its middle left out. */
const plain = (text) => (typeof text === "string" ? text : text.start + " " + text.end);

function applyFilter() {
  const words = search.value.toLowerCase();
  let count = 0;
  for (const row of sampleRows()) {
    const sample = data.samples[row.dataset.index];
    const texts = [sample.id, sample.question, sample.target, ...sample.runs.map((run) => run.completion)];
    const shows = isChosen(sample, filter.value)
      && (words === "" || texts.some((text) => plain(text).toLowerCase().includes(words)));
    row.hidden = !shows;
    if (shows) count += 1;
  }
  find("#shown").textContent = `${count} of ${data.samples.length}`;
}

filter.addEventListener("change", applyFilter);
search.addEventListener("input", applyFilter);
for (const button of findAll("button[data-filter]")) {
  button.addEventListener("click", () => {
    filter.value = button.dataset.filter;
    search.value = "";
    applyFilter();
    find("#samples-title").scrollIntoView();
    find("#samples-title").focus({ preventScroll: true });
  });
}

find(".filters").hidden = false;
for (const button of findAll("button:disabled")) button.disabled = false;
