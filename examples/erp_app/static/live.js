// Shows the progress of a run; the page works without it, by reloading itself.
"use strict";
const box = document.getElementById("progress");
if (box !== null) {
  const bar = box.querySelector("progress");
  const said = document.getElementById("live");
  let told = -1;
  const source = new EventSource("/progress");
  source.onmessage = (event) => {
    const now = JSON.parse(event.data);
    if (!now.runs || now.step !== box.dataset.step) {
      source.close();
      location.replace("/");
      return;
    }
    for (const [name, count] of Object.entries(now.counts)) {
      box.querySelector(`[data-count=${name}]`).textContent = count;
    }
    if (now.total) {
      bar.max = now.total;
      bar.value = Math.min(now.counts.read, now.total);
      // a quarter at a time, so that a screen reader is not interrupted by each page
      const quarter = Math.floor((4 * bar.value) / bar.max);
      if (quarter !== told) {
        told = quarter;
        said.textContent = `${box.querySelector("label").textContent}: ${now.counts.read} of about ${now.total}.`;
      }
    }
    if (now.stopping) {
      said.textContent = "Stopping behind what is being written.";
    }
  };
}
