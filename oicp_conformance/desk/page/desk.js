"use strict";
// The page asks the control interface for everything, as any other program can; see /openapi.json.
const NEWEST = 500; // rows that are shown; older ones are still at /exchanges
const $ = (id) => document.getElementById(id);
const known = new Map(); // "role:number" -> exchange, the newest ones
const findings = new Map(); // "role:number" -> texts of findings
const judged = {};
let chosen = null, session = null, source = null, roles = [], pending = false, stale = new Set();

function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((one) => one !== null && one !== undefined));
  return made;
}
const key = (one) => `${one.role}:${one.number}`;

async function ask(path, method = "GET", body) {
  const options = { method };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const given = await response.json();
  if (!response.ok) throw new Error(given.error);
  return given;
}

function say(text, bad = false) {
  $("said").hidden = !text;
  $("said").className = bad ? "fail" : "";
  $("said").textContent = text;
}

async function act(path, body) {
  try {
    const given = await ask(path, "POST", body);
    if (given && given.number && given.request) {
      say(`${given.operation}: HTTP ${given.status ?? "-"}, ${given.result}${given.code ? `, code ${given.code}` : ""} (exchange ${given.number})`);
    } else say(`${path}: ${JSON.stringify(given)}`);
  } catch (error) { say(`${path}: ${error.message}`, true); }
}

// --- exchanges

function verdictOf(one) {
  const found = findings.get(key(one));
  if (found && found.length) return found.some((each) => each.verdict === "fail") ? "fail" : "warning";
  return one.number <= (judged[one.role] ?? 0) ? "pass" : one.verdict;
}

function row(one) {
  const verdict = verdictOf(one), found = findings.get(key(one)) ?? [];
  const made = h("li", { class: verdict, "data-key": key(one), tabindex: "0", "aria-current": chosen === key(one) },
    h("span", { class: "num" }, roles.length > 1 ? `${one.role} ${one.number}` : `${one.number}`),
    h("span", { class: "num time" }, new Date(one.started).toLocaleTimeString("en-GB")),
    h("span", { title: one.direction }, one.direction === "target-to-hub" ? "→" : "←"),
    h("span", {}, one.operation ?? `${one.method} ${one.path}`),
    h("span", { class: "num code" }, [one.status ?? one.trouble, one.code, one.scripted].filter(Boolean).join(" · ")),
    h("span", { class: "verdict" }, verdict ?? "…"));
  for (const each of found.slice(0, 3)) made.append(h("span", { class: "why" }, `${each.requirement}: ${each.message}`));
  if (found.length > 3) made.append(h("span", { class: "why" }, `and ${found.length - 3} more`));
  return made;
}

function isWanted(one) {
  const wanted = new FormData($("filters"));
  const text = wanted.get("text").toLowerCase();
  return (!wanted.get("direction") || wanted.get("direction") === one.direction)
    && (!wanted.get("role") || wanted.get("role") === one.role)
    && (!wanted.get("verdict") || wanted.get("verdict") === verdictOf(one))
    && (!text || [one.operation, one.path, one.session, one.code, one.scripted].some((each) => each && each.toLowerCase().includes(text)));
}

function draw() {
  // However many events came: once in a frame, and only rows that are new or changed.
  pending = false;
  const list = $("rows");
  for (const name of stale) {
    const old = list.querySelector(`[data-key="${name}"]`), one = known.get(name);
    if (!one) continue;
    const wanted = isWanted(one);
    if (old && wanted) old.replaceWith(row(one));
    else if (old) old.remove();
    else if (wanted) list.prepend(row(one));
  }
  stale.clear();
  while (list.children.length > NEWEST) list.lastElementChild.remove();
  count();
}

function count() {
  const total = [...known.values()].length;
  $("count").textContent = `${$("rows").children.length} of the newest ${total} exchanges`;
  $("judged").textContent = roles.map((role) => `${roles.length > 1 ? `${role} ` : ""}judged up to ${judged[role] ?? 0}`).join(", ");
  const number = [...findings.values()].reduce((sum, one) => sum + one.length, 0);
  $("found").textContent = number || "";
}

function redraw() {
  stale.clear();
  const wanted = [...known.values()].filter(isWanted).slice(-NEWEST).reverse();
  $("rows").replaceChildren(...wanted.map(row));
  count();
}

function changed(name) {
  stale.add(name);
  if (!pending) { pending = true; setTimeout(draw, 50); }
}

function take(one) {
  known.set(key(one), one);
  if (known.size > NEWEST) known.delete(known.keys().next().value);
}

function part(title, one) {
  const text = "json" in one ? JSON.stringify(one.json, null, 2) : one.text;
  return [h("h3", {}, title), h("pre", {}, text || "(empty)"),
    h("details", {}, h("summary", {}, "headers"), h("pre", {}, one.headers.map((pair) => pair.join(": ")).join("\n")))];
}

function finding(one) {
  const excerpt = one.marked.filter((line) => line.text).length
    ? h("pre", {}, ...one.marked.map((line) => line.marked ? h("span", { class: "mark" }, line.text) : `${line.text}\n`)) : null;
  return h("div", { class: `finding ${one.verdict}` }, h("div", {}, h("b", {}, one.verdict.toUpperCase()), ` ${one.requirement}: ${one.message}`),
    h("div", { class: "soft" }, [one.sentence, one.clause].filter(Boolean).join(" · ")),
    one.expected ? h("div", {}, `expected: ${one.expected}; found: ${one.found || "-"}`) : null, excerpt);
}

async function choose(name, scroll = true) {
  chosen = name;
  for (const one of $("rows").children) one.setAttribute("aria-current", one.dataset.key === name);
  const [role, number] = name.split(":");
  try {
    const one = await ask(`/exchanges/${number}?role=${role}`);
    if (chosen !== name) return;
    $("detail").replaceChildren(
      h("h2", {}, `${one.number}: ${one.operation ?? "not an operation of OICP 2.3"}`),
      h("div", { class: "soft" }, `${one.direction} · ${one.method} ${one.path} · HTTP ${one.status ?? "-"} · ${one.seconds} s`
        + (one.trouble ? ` · ${one.trouble}: ${one.detail}` : "") + (one.scripted ? ` · scripted: ${one.scripted}` : "")),
      ...one.findings.map(finding), ...part("request", one.request), ...part("response", one.answer));
    for (const mark of $("detail").querySelectorAll(".finding pre > .mark:first-of-type")) {
      // What is wrong may be far below in a long message.
      const box = mark.parentElement;
      box.scrollTop += mark.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
    }
    if (scroll && innerWidth <= 860) $("detail").scrollIntoView();
  } catch (error) { say(error.message, true); }
}

// --- the other tabs

function drawFindings() {
  const rows = [];
  for (const [name, found] of [...findings].reverse()) for (const one of found) rows.push(
    h("li", { class: one.verdict, "data-key": name, tabindex: "0" }, h("b", {}, `${one.verdict.toUpperCase()} ${one.requirement}`),
      h("span", {}, `${one.message}`), h("span", { class: "soft" }, `${one.operation}${one.exchange ? `, exchange ${one.exchange}` : ""}`)));
  $("foundrows").replaceChildren(...(rows.length ? rows.slice(0, NEWEST) : [h("p", { class: "soft" }, "Nothing was found.")]));
}

async function drawSessions() {
  const all = (await ask("/sessions")).reverse().slice(0, NEWEST);
  $("sessionrows").replaceChildren(...all.map((one) => h("li", { "data-session": one.SessionID, "data-role": one.role, tabindex: "0",
    "aria-current": session === one.SessionID }, h("span", {}, `${one.state} · ${one.EvseID ?? "-"} · ${one.begun_by}`),
    h("span", { class: "soft" }, `${one.SessionID} · exchanges ${one.exchanges.join(", ")}`))));
  if (!all.length) $("sessionrows").append(h("p", { class: "soft" }, "No session yet."));
  drawDiagram();
}

function drawDiagram() {
  if (!session) return;
  const role = $("sessionrows").querySelector(`[data-session="${CSS.escape(session)}"]`)?.dataset.role;
  if (!role) return;
  const image = h("img", { alt: "sequence diagram of the session",
    src: `/sessions/${encodeURIComponent(session)}/diagram?role=${role}&seen=${Date.now()}` });
  $("diagram").replaceChildren(h("h2", {}, session), h("div", { class: "scroll" }, image),
    h("button", { onclick: () => { $("filters").elements.text.value = session; show("exchanges"); redraw(); } }, "its exchanges"));
}

async function drawKnown() {
  const all = await ask("/known"), cdrs = await ask("/cdrs");
  const open = new Set([...$("known").querySelectorAll("details[open]")].map((one) => one.dataset.name));
  const list = (name, count, rows) => h("details", { "data-name": name, open: open.has(name) ? "" : null },
    h("summary", {}, `${name}: ${count}`), h("pre", {}, rows.map((one) => JSON.stringify(one)).join("\n") || "(none)"));
  $("known").replaceChildren(...all.flatMap((one) => [h("h2", {}, `${one.role.toUpperCase()} · the hub's time: ${one.now}`),
    ...Object.entries(one.counts).map(([name, count]) => list(`${one.role} ${name}`, count, one[name])),
    list(`${one.role} charge detail records`, cdrs.filter((each) => each.role === one.role).length,
      cdrs.filter((each) => each.role === one.role).map((each) => each.record))]));
}

const TABS = { findings: drawFindings, sessions: drawSessions, known: drawKnown };
let current = "exchanges", refreshing = 0;

function show(name) {
  current = name;
  for (const one of document.querySelectorAll("nav button")) {
    one.setAttribute("aria-selected", one.dataset.tab === name);
    $(one.dataset.tab).hidden = one.dataset.tab !== name;
  }
  refresh();
}

async function refresh() {
  clearTimeout(refreshing);
  refreshing = 0;
  try { await TABS[current]?.(); } catch (error) { say(error.message, true); }
}
function refreshSoon() { if (!refreshing && TABS[current]) refreshing = setTimeout(refresh, 700); }

// --- what the hub can do

const QUICK = {
  cpo: [["Remote start", "/remote-start", {}], ["Remote stop", "/remote-stop", {}], ["Reserve", "/reservation-start", {}], ["Release", "/reservation-stop", {}]],
  emp: [["Authorize", "/authorize-start", {}], ["Stop", "/authorize-stop", {}], ["Notify Start", "/notification", { Type: "Start" }],
    ["Notify Progress", "/notification", { Type: "Progress" }], ["Notify End", "/notification", { Type: "End" }], ["CDR", "/cdr", {}]],
};
const ANSWERS = [["reject the next (603)", { answer: "refuse", code: "603" }], ["respond late", { answer: "late", seconds: 15 }],
  ["hang up", { answer: "hang-up" }], ["HTTP 429", { answer: "http", status: 429 }], ["nulls", { answer: "nulls" }]];

function buttons() {
  const made = [];
  const button = (path) => ([name, body]) => h("button", { onclick: () => act(path, body) }, name);
  for (const role of roles) made.push(h("div", {}, h("span", {}, `to the ${role.toUpperCase()}`),
    ...QUICK[role].map(([name, path, body]) => button(path)([name, body]))));
  for (const role of roles) made.push(h("div", {}, h("span", {}, `next response to the ${role.toUpperCase()}`),
    ...ANSWERS.map(([name, body]) => button("/scripts")([name, { role, ...body }]))));
  made.push(h("div", {}, h("button", { class: "danger", onclick: () => act("/reset", {}) }, "Reset")));
  $("quick").replaceChildren(...made);
}

function resolved(schema, all) {
  if (schema.$ref) return all[schema.$ref.split("/").pop()];
  const one = (schema.anyOf ?? [schema]).find((each) => each.type !== "null") ?? schema;
  return { ...one, ...(schema.enum ? { enum: schema.enum } : {}), description: schema.description ?? one.description, default: schema.default };
}

function field(name, schema) {
  const hint = schema.default === undefined || schema.default === null ? "" : JSON.stringify(schema.default);
  if (schema.enum) return h("select", { name }, h("option", { value: "" }, ""), ...schema.enum.map((one) => h("option", {}, one)));
  if (schema.type === "object" || !schema.type) return h("textarea", { name, "data-json": "", placeholder: "JSON" });
  if (schema.type === "array") return h("input", { name, "data-list": "", placeholder: "one, two" });
  return h("input", { name, placeholder: hint, ...(schema.type === "string" ? {} : { type: "number", step: "any", "data-number": "" }) });
}

function value(input) {
  if ("json" in input.dataset) return JSON.parse(input.value);
  if ("list" in input.dataset) return input.value.split(",").map((one) => one.trim()).filter(Boolean);
  return "number" in input.dataset ? Number(input.value) : input.value;
}

async function forms() {
  const described = await ask("/openapi.json"), all = described.components.schemas, made = [];
  for (const [path, methods] of Object.entries(described.paths)) {
    if (!methods.post) continue;
    const schema = resolved(methods.post.requestBody.content["application/json"].schema, all);
    const form = h("form", {}, h("h2", {}, path), h("div", { class: "soft" }, methods.post.summary));
    for (const [name, own] of Object.entries(schema.properties ?? {})) {
      const known = resolved(own, all);
      form.append(h("label", {}, known.description ? `${name}: ${known.description}` : name, field(name, known)));
    }
    form.append(h("button", {}, "Send"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      try {
        const given = [...form.elements].filter((one) => one.name && one.value !== "").map((one) => [one.name, value(one)]);
        act(path, Object.fromEntries(given));
      } catch (error) { say(`${path}: ${error.message}`, true); }
    });
    made.push(form);
  }
  $("forms").replaceChildren(...made);
}

// --- live

async function load() {
  source?.close();
  known.clear(); findings.clear();
  for (const role of Object.keys(judged)) delete judged[role];
  const status = await ask("/status");
  roles = status.targets.map((one) => one.role);
  $("filters").elements.role.hidden = roles.length < 2;
  $("targets").replaceChildren(...status.targets.map((one) =>
    h("div", {}, `${one.role.toUpperCase()} ${one.name} at ${one.base_url}; it reaches the hub at ${one.hub_url}`,
      ...one.trouble.map((each) => h("b", { class: "danger" }, ` internal error: ${each}`)),
      ...one.limits.map((each) => h("div", { class: "soft" }, each)))));
  buttons();
  const said = await ask(`/exchanges?limit=${NEWEST}`);
  for (const one of (await ask("/findings?seconds=0")).findings) {
    const name = `${one.role}:${one.exchange ?? "-"}`;
    findings.set(name, [...(findings.get(name) ?? []), one]);
  }
  for (const one of said.exchanges) {
    take(one);
    if (one.verdict) judged[one.role] = Math.max(judged[one.role] ?? 0, one.number);
  }
  redraw();
  refresh();
  follow(said.event);
}

function follow(event) {
  source = new EventSource(`/events?after=${event}`);
  const own = source;
  source.onopen = () => live(true);
  source.onerror = () => live(false);
  source.addEventListener("exchange", (event) => {
    const one = JSON.parse(event.data);
    take(one);
    changed(key(one));
    refreshSoon();
  });
  source.addEventListener("judged", (event) => {
    const said = JSON.parse(event.data), before = judged[said.role] ?? 0;
    judged[said.role] = said.judged;
    for (const one of said.changed) {
      const name = `${said.role}:${one.number ?? "-"}`;
      if (one.findings.length) findings.set(name, one.findings.map((each) => ({ role: said.role, ...each })));
      else findings.delete(name);
      changed(name);
      if (name === chosen) choose(name, false);
    }
    for (const one of known.values()) if (one.role === said.role && one.number > before && one.number <= said.judged) changed(key(one));
    refreshSoon();
    if (!pending) count();
  });
  const again = () => { if (own === source) load().catch((error) => say(error.message, true)); };
  source.addEventListener("reset", () => { chosen = session = null; $("detail").replaceChildren(); $("diagram").replaceChildren(); again(); });
  source.addEventListener("behind", again);
}

function live(on) {
  $("live").textContent = on ? "live" : "the hub does not respond";
  $("live").className = `chip ${on ? "on" : "off"}`;
}

function picks(list, does) {
  const pick = (event) => { const one = event.target.closest("li"); if (one) does(one); };
  $(list).addEventListener("click", pick);
  $(list).addEventListener("keydown", (event) => { if (event.key === "Enter") pick(event); });
}
picks("rows", (one) => choose(one.dataset.key));
picks("foundrows", (one) => { if (!one.dataset.key.endsWith("-")) { show("exchanges"); choose(one.dataset.key); } });
picks("sessionrows", (one) => { session = one.dataset.session; drawSessions(); });
$("filters").addEventListener("input", redraw);
$("filters").addEventListener("submit", (event) => event.preventDefault());
for (const one of document.querySelectorAll("nav button")) one.addEventListener("click", () => show(one.dataset.tab));
load().then(forms).catch((error) => say(error.message, true));
