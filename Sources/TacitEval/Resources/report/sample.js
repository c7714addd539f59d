const dialog = find("#sample");
const panes = findAll(".pane", dialog);
/** The runs in the two panes, and the sample that both show. */
const shown = { runs: [data.baseline, data.baseline === 0 ? 1 : 0], index: 0 };
if (shown.runs[1] >= data.runs.length) shown.runs = [0];

const costNames = ["prompt tokens", "tokens", "latent steps", "positions", "passes", "FLOPs", "seconds", "peak bytes"];
const verdicts = { right: "✓ right", wrong: "✗ wrong", silent: "– no answer found", failed: "! failed" };

/** Fills a node with a text, of which the middle may have been left out. */
function write(node, text) {
  node.replaceChildren();
  if (typeof text === "string") {
    node.append(text);
  } else {
    const note = `[… ${text.omitted.toLocaleString("en")} characters left out …]`;
    node.append(text.start, element("span", { class: "omitted" }, ` ${note} `), text.end);
  }
  return node;
}

const prose = (text) => write(element("p", { class: "prose", dir: "auto" }), text);

function costList(costs) {
  const list = element("dl", { class: "costs-list" });
  costs.forEach((cost, index) => {
    const format = index < 5 ? {} : { notation: "compact", maximumSignificantDigits: 3 };
    const text = cost.toLocaleString("en", format);
    list.append(element("div", {}, element("dt", {}, costNames[index]), element("dd", {}, text)));
  });
  return list;
}

function runChoice(pane) {
  const select = element("select", { "aria-label": `Run on side ${pane + 1}` });
  data.runs.forEach((label, index) => select.append(new Option(label, index)));
  select.value = shown.runs[pane];
  select.addEventListener("change", () => {
    shown.runs[pane] = Number(select.value);
    fillPane(pane);
    find("select", panes[pane]).focus();
  });
  return select;
}

function fillPane(pane) {
  const run = data.samples[shown.index].runs[shown.runs[pane]];
  const verdict = element("p", { class: "verdict" }, runChoice(pane),
    element("span", { class: `mark ${run.mark}` }, verdicts[run.mark]));
  if (run.finish) verdict.append(element("small", {}, `ended by ${run.finish}`));
  if (run.rules.length > 1) {
    const words = run.rules.map(([name, isRight]) => `${name} ${isRight ? "✓" : "✗"}`);
    verdict.append(element("small", {}, words.join(", ")));
  }
  panes[pane].replaceChildren(verdict);
  const section = (title, node) => panes[pane].append(element("h3", {}, title), node);
  if (run.error) section("Error", prose(run.error));
  if (run.answer !== null) section("Answer", prose(run.answer));
  section("Completion", run.completion === "" ? element("p", { class: "omitted" }, "empty") : prose(run.completion));
  panes[pane].append(run.costs ? costList(run.costs) : element("p", { class: "note" }, "Costs are not known."));
  if (run.trace) section("Trace", traceView(run.trace, panes[pane].clientWidth));
}

const visibleRows = () => sampleRows().filter((row) => !row.hidden);

function showSample(index) {
  shown.index = index;
  const sample = data.samples[index];
  const rows = visibleRows();
  const place = rows.findIndex((row) => Number(row.dataset.index) === index);
  find("#sample-title").replaceChildren(element("bdi", {}, sample.id));
  if (sample.repeat !== null) find("#sample-title").append(` · repeat ${sample.repeat + 1}`);
  find("#sample-place").textContent = `${place + 1} of ${rows.length}`;
  find("#previous").disabled = place <= 0;
  find("#next").disabled = place + 1 >= rows.length;
  write(find("#sample-question"), sample.question);
  write(find("#sample-target"), sample.target);
  shown.runs.forEach((_, pane) => fillPane(pane));
  dialog.scrollTop = 0;
}

function openSample(index) {
  const outcome = filter.value.split(" ");
  if (outcome.length === 2) shown.runs = [data.baseline, Number(outcome[1])];
  // Charts take their width from the dialog, so it opens first.
  if (!dialog.open) dialog.showModal();
  showSample(index);
  find("#sample-title").focus();
}

/** Shows the sample that lies a number of rows further down the list, if there is one. */
function step(distance) {
  const rows = visibleRows();
  const place = rows.findIndex((row) => Number(row.dataset.index) === shown.index);
  const row = rows[place + distance];
  if (row) showSample(Number(row.dataset.index));
}

panes.slice(shown.runs.length).forEach((pane) => pane.remove());
for (const row of sampleRows()) {
  find(".open", row).addEventListener("click", () => openSample(Number(row.dataset.index)));
}
find("#previous").addEventListener("click", () => step(-1));
find("#next").addEventListener("click", () => step(1));
find("#close").addEventListener("click", () => dialog.close());
dialog.addEventListener("keydown", (event) => {
  if (event.target.matches("select, input") || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowLeft") step(-1);
  if (event.key === "ArrowRight") step(1);
});
dialog.addEventListener("close", () => {
  const row = sampleRows().find((row) => Number(row.dataset.index) === shown.index);
  if (row) find(".open", row).focus();
});
