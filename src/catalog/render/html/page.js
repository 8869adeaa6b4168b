(() => {
  const all = [...document.querySelectorAll("details.change")];
  const filter = document.getElementById("filter");
  const set = (open) => all.forEach((one) => (one.open = open));
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    const change = target && target.closest("details.change");
    if (change) change.open = true;
    if (target) target.scrollIntoView();
  };
  if (filter) {
    document.querySelector(".scripted").hidden = false;
    document.getElementById("open").onclick = () => set(true);
    document.getElementById("close").onclick = () => set(false);
    filter.oninput = () => {
      const text = filter.value.toLowerCase();
      all.forEach((one) => (one.hidden = !one.dataset.name.toLowerCase().includes(text)));
      document.querySelector(".none-left").hidden = all.some((one) => !one.hidden);
    };
  }
  const copy = document.getElementById("copy");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.onclick = async () => {
      await navigator.clipboard.writeText(document.querySelector("pre.whole").textContent);
      copy.textContent = "Copied";
      setTimeout(() => (copy.textContent = "Copy"), 2000);
    };
  }
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  addEventListener("hashchange", reveal);
  reveal();
})();
