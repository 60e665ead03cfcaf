// Keys and selections. Every page works without this file: it only presses what is there.
"use strict";

const room = {
  typing: (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"),
  say: (words) => { document.getElementById("said").textContent = words; },
  waiting: "",
};

// Keys: `data-key="n"` on a link or button presses it; "g h" is one key after the other.
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || room.typing(event.target)) return;
  if (localStorage.getItem("keys") === "off" && event.key !== "?") return;
  if (document.querySelector("dialog[open]")) return;
  const key = room.waiting ? `${room.waiting} ${event.key}` : event.key;
  room.waiting = "";
  const target = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key && !each.disabled);
  if (target) { event.preventDefault(); target.matches("input, textarea, select") ? target.focus() : target.click(); return; }
  if (key === "g" && document.querySelector('[data-key^="g "]')) { room.waiting = "g"; return; }
  moveInRows(event);
}

// Rows: j and k move, Enter opens, x ticks.
function moveInRows(event) {
  const rows = [...document.querySelectorAll(".row")];
  if (!rows.length || event.target.closest("a, button, summary") && event.key === "Enter") return;
  const here = rows.findIndex((row) => row.classList.contains("at"));
  const step = { j: 1, k: -1 }[event.key];
  if (step) {
    const next = rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
    rows[here]?.classList.remove("at");
    next.classList.add("at");
    next.scrollIntoView({ block: "nearest" });
    (next.querySelector("a.name, a") ?? next).focus({ preventScroll: true });
    event.preventDefault();
  } else if (event.key === "x" && here >= 0) {
    rows[here].querySelector("input[type=checkbox]")?.click();
  }
}

function listKeys() {
  const list = document.getElementById("help-keys");
  const lines = [...document.querySelectorAll("[data-key]")].map((each) => [each.dataset.key, each.dataset.says || each.textContent.trim() || each.getAttribute("aria-label")]);
  if (document.querySelector(".row")) lines.push(["j k", "Next, previous row"], ["Enter", "Open the row"]);
  if (document.querySelector(".row input[type=checkbox]")) lines.push(["x", "Tick the row"]);
  list.replaceChildren(...lines.flatMap(([key, says]) => {
    const term = document.createElement("dt"), meaning = document.createElement("dd");
    term.textContent = key; meaning.textContent = says;
    return [term, meaning];
  }));
}

// Selections: a box for all of this page, and how many are ticked.
function watchTicks(form) {
  const boxes = () => [...form.querySelectorAll(".row input[type=checkbox]")], all = form.querySelector("[data-all]");
  const count = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    form.querySelectorAll("[data-ticked]").forEach((each) => { each.textContent = ticked; });
    if (all) { all.checked = ticked > 0 && ticked === boxes().length; all.indeterminate = ticked > 0 && !all.checked; }
    if (ticked) form.querySelector("input[name=scope][value=ticked]")?.click();
  };
  all?.addEventListener("change", () => { boxes().forEach((box) => { box.checked = all.checked; }); count(); });
  form.addEventListener("change", (event) => { if (event.target.matches(".row input")) count(); });
  count();
}

document.addEventListener("keydown", pressed);
document.addEventListener("DOMContentLoaded", () => {
  if (matchMedia("(max-width: 800px)").matches) document.querySelectorAll("details[data-fold]").forEach((each) => { each.open = false; });
  const help = document.getElementById("help"), on = document.getElementById("keys-on");
  document.getElementById("help-button")?.addEventListener("click", () => { listKeys(); help.showModal(); });
  if (on) {
    on.checked = localStorage.getItem("keys") !== "off";
    on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));
  }
  document.querySelectorAll("form[data-selection]").forEach(watchTicks);
  document.querySelectorAll("select[data-send]").forEach((each) => each.addEventListener("change", () => each.form.requestSubmit()));
});
