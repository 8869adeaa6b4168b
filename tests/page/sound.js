// What a page does to those who cannot see it, or not well. Says what is wrong with the one that is seen.
const faults = [];
const name = (one) => `<${one.tagName.toLowerCase()} class="${one.getAttribute("class") ?? ""}"> ${one.textContent.trim().slice(0, 40)}`;

let level = 0;
for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
  const own = Number(heading.tagName[1]);
  if (own > level + 1) faults.push(`${name(heading)} comes behind level ${level}`);
  level = own;
}
if (document.querySelectorAll("h1").length !== 1) faults.push("it has not one h1");
for (const landmark of ["main", "header", "footer"]) {
  if (!document.querySelector(landmark)) faults.push(`there is no ${landmark}`);
}
for (const field of document.querySelectorAll("input:not([type=hidden], [hidden]), select, progress")) {
  if (!field.labels?.length && !field.getAttribute("aria-label")) faults.push(`${name(field)} has no label`);
}
for (const one of document.querySelectorAll("button, a, summary")) {
  if (!one.textContent.trim()) faults.push(`${name(one)} has no name`);
}
for (const cell of document.querySelectorAll("th")) {
  if (!cell.scope) faults.push(`${name(cell)} has no scope`);
}
const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
for (const id of ids.filter((id, place) => ids.indexOf(id) !== place)) faults.push(`the id ${id} is there twice`);
for (const one of document.querySelectorAll("[aria-labelledby], [aria-describedby]")) {
  const named = `${one.getAttribute("aria-labelledby") ?? ""} ${one.getAttribute("aria-describedby") ?? ""}`;
  for (const id of named.split(" ").filter(Boolean)) {
    if (!document.getElementById(id)) faults.push(`${name(one)} is described by ${id}, which is not there`);
  }
}
if (document.querySelector("[style], script:not([src])")) faults.push("something is inline");

const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
const light = (colour) => {
  const [red, green, blue] = channels(colour).map((one) => {
    const part = one / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const ground = (one) => {
  for (let at = one; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if ((channels(colour)[3] ?? 1) === 1) return colour;
  }
  return "rgb(255, 255, 255)";
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const seen = new Set();
while (walker.nextNode()) {
  const one = walker.currentNode.parentElement;
  if (!walker.currentNode.textContent.trim() || seen.has(one) || one.closest(":disabled, svg, noscript, option, .unseen, .skip")) continue;
  seen.add(one);
  const [ink, paper] = [light(getComputedStyle(one).color), light(ground(one))];
  const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  if (contrast < 4.5) faults.push(`${name(one)} has a contrast of ${contrast.toFixed(2)}`);
}
return faults;
