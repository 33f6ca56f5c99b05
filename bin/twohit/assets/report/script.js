"use strict";
// Printing opens what is closed, and closes it again after. Long lists stay as they are (their tables are in the folder),
// and so do genes: lost and contradictory ones are open from the start, and the verdicts of the others are told above.
(function () {
  var opened = [];
  window.addEventListener("beforeprint", function () {
    rows.forEach(function (row) { row.hidden = false; });
    document.querySelectorAll("details:not([open], .long, .gene)").forEach(function (box) { box.open = true; opened.push(box); });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (box) { box.open = false; });
    opened = [];
  });
  // What is wider than the screen can be scrolled with the keyboard.
  function reachable() {
    document.querySelectorAll(".wide").forEach(function (box) {
      if (box.scrollWidth > box.clientWidth + 1) { box.tabIndex = 0; } else { box.removeAttribute("tabindex"); }
    });
  }
  window.addEventListener("resize", reachable);
  document.addEventListener("toggle", reachable, true);
  reachable();
  // The table of verdicts, narrowed to rows with a word; a gene's name stays beside each of its rows.
  var field = document.getElementById("filter");
  var rows = Array.from(document.querySelectorAll("table.verdicts tbody tr"));
  if (field && rows.length > 8) {
    field.closest(".filter").hidden = false;
    field.addEventListener("input", function () {
      var word = field.value.trim().toLowerCase();
      var left = rows.filter(function (row) {
        row.hidden = word !== "" && (row.dataset.gene + " " + row.textContent).toLowerCase().indexOf(word) < 0;
        return !row.hidden;
      });
      document.querySelector("table.verdicts").classList.toggle("filtered", word !== "");
      document.getElementById("filtered").textContent = word ? left.length + " of " + rows.length + " rows" : "";
    });
  }
  function openTarget() {
    var target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    if (target && target.tagName === "DETAILS") { target.open = true; target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", openTarget);
  openTarget();
})();
