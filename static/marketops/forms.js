/* What forms do by themselves: ask before they are sent, be sent once, follow a change. */
/* A button or link with data-confirm asks first. */
document.addEventListener("click", (event) => {
  const asked = event.target.closest("[data-confirm]");
  if (asked && !window.confirm(asked.dataset.confirm)) event.preventDefault();
});
/* A form is sent once, however fast somebody clicks: its buttons rest until the next page comes, or this
   one comes back. They are switched off a moment later, because a button that is switched off is not sent
   along. */
const rest = (form, resting) => {
  form.toggleAttribute("data-sent", resting);
  form.querySelectorAll("button:not([type=button])").forEach((button) => {
    if (resting && !button.disabled) button.dataset.rests = "";
    if (!("rests" in button.dataset)) return;
    button.disabled = resting;
    if (!resting) delete button.dataset.rests;
  });
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  const posts = (form.getAttribute("method") || "").toLowerCase() === "post";
  if (event.defaultPrevented || !posts || !form.closest(".mo-page")) return;
  if ("sent" in form.dataset) { event.preventDefault(); return; }
  form.dataset.sent = "";
  setTimeout(() => rest(form, true));
  setTimeout(() => rest(form, false), 15000);  // the answer was a file, or none came
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => rest(form, false));
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
});
/* A slider and a number field that show the same: each names the other in data-mirror. */
document.addEventListener("input", (event) => {
  const other = document.getElementById(event.target.dataset.mirror || "");
  if (other) other.value = event.target.value;
});
/* The admin frame writes a chosen file's name into a text field that our forms do not have: tell it that
   they are looked after. */
document.querySelectorAll(".mo-page input[type=file]").forEach((input) => {
  input.hasChangeListener = true;
});
