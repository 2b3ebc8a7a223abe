// Small helpers for elements. Text from outside only ever becomes text.

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && name !== "list") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A list of choices. `names` may hold groups: [label, [[value, text], …]]. */
function choice(label, options, onchange) {
  const select = element("select", { onchange: () => onchange(select.value) });
  for (const [value, text] of options) select.append(element("option", { value, textContent: text }));
  return { select, field: element("label", { className: "field" }, element("span", { textContent: label }), select) };
}

/** Buttons of which one is pressed. */
function segments(label, options, onchange) {
  const group = element("div", { className: "segments", role: "group", "aria-label": label });
  const buttons = options.map(([value, text, hint]) =>
    element("button", { type: "button", textContent: text, title: hint, value, onclick: () => onchange(value) }));
  group.append(...buttons);
  const show = (value) => buttons.forEach((b) => b.setAttribute("aria-pressed", String(b.value === value)));
  return { group, show };
}

/** Copy text, also where the clipboard's interface is refused. */
async function copyText(text, field) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    field.select();
    return document.execCommand("copy");
  }
}

function format(value, digits = 2) {
  return value === value ? value.toFixed(digits) : "unknown";
}
