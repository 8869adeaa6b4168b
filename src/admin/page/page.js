// What pages do beside what they can without it: a job is watched, and what is at work is looked at again.
"use strict";

function watch(live) {
  const [phase, bar, log] = ["phase", "bar", "log"].map((id) => document.getElementById(id));
  const events = new EventSource(live.dataset.events);
  events.addEventListener("line", (event) => {
    const line = JSON.parse(event.data);
    const last = log.lastElementChild;
    if (last && Number(last.dataset.number) >= line.number) return;
    const item = document.createElement("li");
    item.dataset.number = line.number;
    const time = document.createElement("time");
    time.dateTime = line.at;
    time.textContent = line.at.slice(11, 19);
    const text = document.createElement("span");
    text.textContent = line.text;
    item.append(time, " ", text);
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    log.append(item);
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  });
  events.addEventListener("job", (event) => {
    const job = JSON.parse(event.data);
    if (job.finished_at) {
      events.close();
      location.reload();
      return;
    }
    if (phase.textContent !== job.phase_text) phase.textContent = job.phase_text;
    if (job.percent === null) bar.removeAttribute("value");
    else bar.value = job.percent;
  });
  addEventListener("pagehide", () => events.close());
}

// A page that nobody looks at does not keep its session from ending.
const PATIENCE = 10 * 60 * 1000;
let used = Date.now();
for (const event of ["pointerdown", "pointermove", "keydown", "scroll", "focus"]) {
  addEventListener(event, () => { used = Date.now(); }, { passive: true });
}

// Nothing is taken from under somebody's hands: not while a part of it has the focus, or is open.
async function again(old) {
  if (Date.now() - used > PATIENCE) return;
  const isInUse = old.contains(document.activeElement) || old.querySelector("details[open]");
  if (document.hidden || isInUse) return;
  try {
    const answer = await fetch(location.href, { redirect: "error" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById(old.id);
    if (next && !old.contains(document.activeElement)) old.replaceChildren(...next.childNodes);
  } catch {
    // It is tried again by itself.
  }
}

// On a narrow screen the part that is seen may be out of sight.
function show() {
  document.querySelector("nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
}
show();
addEventListener("resize", show);

for (const live of document.querySelectorAll("[data-events]")) watch(live);
for (const old of document.querySelectorAll("[data-refresh]")) {
  setInterval(() => again(old), Number(old.dataset.refresh) * 1000);
}
