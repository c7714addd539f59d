/** Makes an SVG element. */
function shape(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** The steps of a trace as objects. */
function traceSteps(trace) {
  return trace.steps.map(([stage, kind, token, entropy, norm, details], step) => ({
    step, stage: trace.stages[stage], kind, token, entropy, norm, details: details ?? {},
  }));
}

/** Ticks from zero to at least a maximum: two to five of 1, 2 or 5 times a power of ten. */
function ticksUpTo(maximum) {
  if (!(maximum > 0)) return [0, 1];
  const power = 10 ** Math.floor(Math.log10(maximum / 4));
  const size = [1, 2, 5, 10].find((factor) => factor * power * 4 >= maximum) * power;
  const ticks = [];
  for (let count = 0; (count - 1) * size < maximum; count += 1) ticks.push(Number((count * size).toPrecision(6)));
  return ticks;
}

/** One panel: a quantity over the steps, a mark per step by the way its row came about. */
function tracePanel(steps, title, value, top, place, width) {
  const height = 86;
  const group = shape("g", {});
  const maximum = Math.max(0, ...steps.map((step) => value(step) ?? 0));
  const ticks = ticksUpTo(maximum);
  const y = (number) => top + 18 + height * (1 - number / ticks[ticks.length - 1]);
  group.append(shape("text", { class: "axis-title", x: 0, y: top + 6 }, title));
  for (const tick of ticks) {
    group.append(
      shape("line", { class: "grid", x1: 34, x2: width, y1: y(tick), y2: y(tick) }),
      shape("text", { class: "tick", x: 28, y: y(tick) + 4, "text-anchor": "end" }, String(tick)));
  }
  let run = [];
  const runs = [run];
  for (const step of steps) {
    if (value(step) === null) runs.push((run = []));
    else run.push(`${place(step.step).toFixed(1)},${y(value(step)).toFixed(1)}`);
  }
  for (const points of runs) {
    if (points.length > 1) group.append(shape("polyline", { class: "line", points: points.join(" ") }));
  }
  const radius = steps.length > 120 ? 2 : steps.length > 40 ? 3 : 4;
  for (const step of steps) {
    if (value(step) !== null) group.append(traceMark(step, place(step.step), y(value(step)), radius));
  }
  return group;
}

/** A filled circle for a thought, an open one for a sampled token, a cross for what else happened. */
function traceMark(step, x, y, radius) {
  const title = shape("title", {}, stepTitle(step));
  if (step.kind === "latent" || step.kind === "explicit") {
    return shape("circle", { class: step.kind, cx: x, cy: y, r: radius }, title);
  }
  const path = `M${x - radius} ${y - radius}l${2 * radius} ${2 * radius}m0 ${-2 * radius}l${-2 * radius} ${2 * radius}`;
  return shape("path", { class: "forced", d: path }, title);
}

/** What kind of row a step read, and which token. */
function rowText(step) {
  if (step.token === null) return step.kind;
  return `${step.kind} ${typeof step.token === "string" ? `“${step.token}”` : `token ${step.token}`}`;
}

function stepTitle(step) {
  const parts = [`step ${step.step}: ${step.stage}, ${rowText(step)}`];
  if (step.entropy !== null) parts.push(`entropy ${step.entropy} nats`);
  if (step.norm !== null) parts.push(`norm ${step.norm}`);
  if (step.details.nearest) parts.push(`nearest ${step.details.nearest.join(", ")}`);
  return parts.join(", ");
}

/** Neighbouring steps with one label, such as the spans of stages. */
function spans(steps, label) {
  const result = [];
  for (const step of steps) {
    const last = result[result.length - 1];
    if (last && last.label === label(step)) last.end = step.step;
    else result.push({ label: label(step), start: step.step, end: step.step });
  }
  return result;
}

/** The strip below the panels: which mode, role or stage each step belongs to, and its kind. */
function traceStrip(steps, top, place, width) {
  const group = shape("g", {});
  const pitch = steps.length > 1 ? place(1) - place(0) : 20;
  for (const span of spans(steps, (step) => step.details.mode ?? step.details.role ?? step.stage)) {
    const x = Math.max(34, place(span.start) - pitch / 2 + 0.5);
    const end = Math.min(width, place(span.end) + pitch / 2 - 0.5);
    const box = shape("rect", { class: "span", x, y: top, width: Math.max(1, end - x), height: 16 },
      shape("title", {}, `${span.label}, steps ${span.start} to ${span.end}`));
    group.append(box);
    if (end - x > 7.5 * span.label.length) {
      group.append(shape("text", { x: (x + end) / 2, y: top + 12, "text-anchor": "middle" }, span.label));
    }
  }
  for (const step of steps) group.append(traceMark(step, place(step.step), top + 26, steps.length > 60 ? 2 : 3.5));
  const every = ticksUpTo(steps.length - 1).filter((tick) => Number.isInteger(tick) && tick < steps.length);
  for (const tick of every) {
    group.append(shape("text", { class: "tick", x: place(tick), y: top + 46, "text-anchor": "middle" }, String(tick)));
  }
  group.append(shape("text", { class: "axis-title", x: width, y: top + 62, "text-anchor": "end" }, "step"));
  return group;
}

function traceChart(steps, room) {
  const width = Math.min(Math.max(room, 260), 560);
  const place = (step) => 44 + ((width - 54) * step) / Math.max(1, steps.length - 1);
  const panels = [];
  if (steps.some((step) => step.entropy !== null)) panels.push(["entropy, nats", (step) => step.entropy]);
  if (steps.some((step) => step.details.relative_norm !== undefined)) {
    panels.push(["norm of the thought, in mean embedding norms", (step) => step.details.relative_norm ?? null]);
  } else if (steps.some((step) => step.norm !== null)) {
    panels.push(["norm of the thought", (step) => step.norm]);
  }
  const bottom = 8 + panels.length * 124;
  const chart = shape("svg", { viewBox: `0 0 ${width} ${bottom + 66}`, width, height: bottom + 66, role: "img" },
    shape("title", {}, `${steps.length} steps: ${panels.map(([title]) => title).join("; ")}`));
  const switches = steps.filter((step) => step.details.switch);
  for (const step of switches) {
    const x = place(step.step);
    chart.append(shape("line", { class: "switch", x1: x, x2: x, y1: 20, y2: bottom },
      shape("title", {}, `step ${step.step}: ${step.details.switch}`)));
  }
  panels.forEach(([title, value], index) => chart.append(tracePanel(steps, title, value, 8 + index * 124, place, width)));
  chart.append(traceStrip(steps, bottom, place, width));
  return chart;
}

/** A measured number in three digits; "" where it is not known. */
function measured(number) {
  if (number === null || number === undefined) return "";
  return number !== 0 && Math.abs(number) < 1e-4 ? "< 0.0001" : String(Number(number.toPrecision(3)));
}

/** What a stage says beyond the columns of the table. */
function moreAbout(step) {
  const { nearest, relative_norm, ...rest } = step.details;
  const words = Object.entries(rest).map(([key, value]) => `${key} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return words.join(", ");
}

const traceColumns = [
  ["step", (step) => String(step.step)],
  ["stage", (step) => step.stage],
  ["row", rowText],
  ["entropy", (step) => measured(step.entropy)],
  ["norm", (step) => measured(step.norm)],
  ["nearest tokens", (step) => (step.details.nearest ?? []).join(" · ")],
  ["more", moreAbout],
];

/** The steps as a table, without the columns that stay empty. */
function traceTable(steps) {
  const columns = traceColumns.filter(([, text]) => steps.some((step) => text(step) !== ""));
  const head = columns.map(([title]) => element("th", { scope: "col" }, title));
  const rows = steps.map((step) => {
    const cells = columns.map(([, text]) => element("td", {}, element("bdi", {}, text(step))));
    return element("tr", {}, ...cells);
  });
  return element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
}

function traceView(trace, room) {
  const steps = traceSteps(trace);
  const view = element("div", { class: "trace" }, traceChart(steps, room));
  view.append(element("p", { class: "key" }, "● thought   ○ sampled token   ✕ forced row   ┆ switch"));
  if (trace.total > steps.length) {
    view.append(element("p", { class: "note" }, `The first ${steps.length} of ${trace.total} steps.`));
  }
  const details = element("details", {}, element("summary", {}, `${steps.length} steps as a table`));
  const fill = () => {
    if (!details.open || find("table", details)) return;
    const box = { class: "scroll", tabindex: 0, role: "region", "aria-label": "Steps" };
    details.append(element("div", box, traceTable(steps)));
  };
  details.open = steps.length <= 64;
  fill();
  details.addEventListener("toggle", fill);
  view.append(details);
  return view;
}
