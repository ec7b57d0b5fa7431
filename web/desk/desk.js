// What the desk adds to plain pages: refusals of a part, and revealed fields that hide again.
const box = document.getElementById("refused");
let timer = 0;

document.addEventListener("lianhu:refused", (event) => {
  box.textContent = event.detail.value ?? String(event.detail);
  box.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { box.hidden = true; }, 8000);
});

function hideLater(root) {
  for (const shown of root.querySelectorAll?.("[data-hide]") ?? []) {
    if (shown.dataset.going) continue;
    shown.dataset.going = "1";
    setTimeout(() => { shown.textContent = "已隐去，要再看请重新打开这一页"; }, Number(shown.dataset.hide) * 1000);
  }
}

hideLater(document);
document.addEventListener("htmx:load", (event) => {
  if (event.target.matches?.("[data-hide]")) hideLater(event.target.parentNode);
  else hideLater(event.target);
});
// A page that comes back from the browser's memory shows nothing that was revealed.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
// A long list of offices: move to where the hand is expected.
document.addEventListener("htmx:afterSettle", (event) => event.target.querySelector?.("select[autofocus]")?.focus());
// The report form says who will see a kind as soon as it is chosen.
const kinds = document.getElementById("category");
function sayWhoSees() {
  const words = kinds.selectedOptions[0]?.dataset.sees;
  if (words) document.getElementById("sees").textContent = words;
}
if (kinds) { kinds.addEventListener("change", sayWhoSees); sayWhoSees(); }
// htmx notes the address, which may hold a name that was looked for: nothing stays in the browser.
function forget() { sessionStorage.removeItem("htmx-current-path-for-history"); }
for (const moment of ["htmx:afterSettle", "htmx:afterRequest", "htmx:load"]) document.addEventListener(moment, () => setTimeout(forget));
addEventListener("pagehide", forget);
forget();
// A workbook dropped on the import form is chosen as if by hand.
const drop = document.getElementById("drop");
if (drop) {
  const file = document.getElementById("file");
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) file.files = event.dataTransfer.files;
  });
}
