// Forms that change something: a second click must not send twice.

const LONGEST_SUBMIT = 10000;

// A second click must not send twice. Only after the browser has read the form: a disabled button
// does not send its value.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || (event.submitter?.formMethod || form.method) !== "post") return;
  const buttons = [...form.elements].filter((field) => field.type === "submit" && !field.disabled);
  setTimeout(() => setBusy(buttons, true));
  setTimeout(() => setBusy(buttons, false), LONGEST_SUBMIT); // an answer may leave the page, as a download does
});

function setBusy(buttons, busy) {
  for (const button of buttons) {
    button.disabled = busy;
    button.toggleAttribute("data-busy", busy);
  }
}
