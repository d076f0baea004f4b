// Data and elements. Every foreign text becomes a text node; nothing is ever read as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const LEVELS = ["notice", "low", "medium", "high", "critical"];

const find = (id) => document.getElementById(id);

/** An element with a class and children, which are elements or texts. */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** A sentence of ours, with what stands in backticks as code. */
function prose(text) {
  return text.split("`").map((part, at) => (at % 2 === 1 ? make("code", "", part) : part));
}

function button(className, text, onClick) {
  const element = make("button", className, ...prose(text));
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

// Made once: making one for every number would take longer than all the rest of the page.
const numbers = new Intl.NumberFormat("en");

function count(number, what) {
  return `${numbers.format(number)} ${what}${number === 1 ? "" : "s"}`;
}

function badge(level, text) {
  return make("span", `badge ${level}`, text ?? level);
}
