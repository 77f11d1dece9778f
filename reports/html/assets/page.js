// The page is whole without this: it only adds the filter, the copy buttons, and opens what a link leads to.

const form = document.querySelector("form.filter");

function all(selector, root = document) {
  return [...root.querySelectorAll(selector)];
}

function chosen() {
  const { text, suite, touched } = form.elements;
  return {
    words: text.value.toLowerCase().split(/\s+/).filter(Boolean),
    statuses: all('[name="status"]', form)
      .filter((box) => box.checked)
      .map((box) => box.value),
    touched: touched?.checked ?? false,
    suite: suite.value,
  };
}

/** Statuses and `touched` are alternatives; everything else narrows. */
function matches(row, suite, wanted) {
  const { words, statuses, touched } = wanted;
  const isMarked = statuses.includes(row.dataset.status) || (touched && "touched" in row.dataset);
  const text = `${suite} ${row.textContent}`.toLowerCase();
  return (
    (isMarked || (statuses.length === 0 && !touched)) &&
    (wanted.suite === "" || wanted.suite === suite) &&
    words.every((word) => text.includes(word))
  );
}

function filter() {
  const wanted = chosen();
  const isFiltered = wanted.words.length + wanted.statuses.length > 0 || wanted.touched || wanted.suite !== "";
  let shown = 0;
  let total = 0;
  for (const suite of all("details.suite")) {
    const rows = all("tr[data-status]", suite);
    for (const row of rows) row.hidden = !matches(row, suite.dataset.suite, wanted);
    const seen = rows.filter((row) => !row.hidden).length;
    suite.hidden = seen === 0;
    if (isFiltered && seen > 0) suite.open = true;
    shown += seen;
    total += rows.length;
  }
  form.elements.shown.value = `${shown} of ${total}`;
}

function unfold({ target }) {
  const suites = all("details.suite");
  const isOpen = suites.every((suite) => suite.open);
  for (const suite of suites) suite.open = !isOpen;
  target.textContent = isOpen ? "open all" : "close all";
}

/** Passed cases have no section of their own: their number leads to the filter. */
function showPassed() {
  form.reset();
  for (const box of all('[name="status"]', form)) box.checked = box.value === "passed";
  filter();
}

/** What is folded away, or filtered out, cannot be scrolled to. */
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (form && target.closest("[hidden]")) {
    form.reset();
    filter();
  }
  const inner = target.matches("tr") ? all("details", target).slice(0, 1) : [];
  for (const part of inner) part.open = true;
  for (let part = target; part; part = part.parentElement) if (part.matches("details")) part.open = true;
  target.scrollIntoView();
}

async function copy({ target }) {
  const code = target.previousElementSibling;
  try {
    await navigator.clipboard.writeText(code.textContent);
    target.textContent = "copied";
  } catch {
    // Not every browser lets a page that was opened from disk write there.
    getSelection().selectAllChildren(code);
    target.textContent = "selected";
  }
}

if (form) {
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector("[data-unfold]").addEventListener("click", unfold);
  document.querySelector('[data-count="passed"] a')?.addEventListener("click", showPassed);
  // A browser that comes back to the page puts the old words in.
  filter();
}

for (const button of all("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", copy);
}

addEventListener("hashchange", reveal);
reveal();

// On paper nothing can be opened. Evidence stays folded: it would be most of the paper.
let opened = [];
addEventListener("beforeprint", () => {
  opened = all("details.suite, details.problem").filter((part) => !part.open);
  for (const part of opened) part.open = true;
});
addEventListener("afterprint", () => {
  for (const part of opened) part.open = false;
});
