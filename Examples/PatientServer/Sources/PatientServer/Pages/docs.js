"use strict";
const make = (tag, attributes, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children.filter(child => child != null));
  return node;
};
const type = schema => !schema ? "" : schema.$ref ? schema.$ref.split("/").pop() : [].concat(schema.type || "").join(" or ");
function operation(path, method, about) {
  const rows = (about.parameters || []).map(parameter => make("tr", {},
    make("th", { scope: "row" }, parameter.name), make("td", {}, parameter.in), make("td", {}, type(parameter.schema)),
    make("td", {}, parameter.description || "")));
  const body = about.requestBody && Object.values(about.requestBody.content)[0].schema;
  return make("section", { "aria-label": `${method} ${path}` },
    make("h2", {}, `${method.toUpperCase()} ${path}`), make("p", {}, about.summary || "", about.description ? `. ${about.description}` : ""),
    rows.length ? make("div", { class: "scroll" }, make("table", {}, make("tbody", {}, ...rows))) : null,
    body ? make("p", { class: "help" }, `Body: ${type(body)}`) : null,
    make("ul", {}, ...Object.entries(about.responses).map(([code, answer]) => make("li", {}, `${code}: ${answer.description}`))));
}
fetch("openapi.json").then(response => response.json()).then(document_ => {
  const main = document.getElementById("main");
  main.replaceChildren(make("p", {}, document_.info.description));
  for (const [path, methods] of Object.entries(document_.paths))
    for (const [method, about] of Object.entries(methods)) main.append(operation(path, method, about));
  for (const [name, schema] of Object.entries(document_.components.schemas))
    main.append(make("section", {}, make("h2", {}, name), make("pre", { class: "scroll" }, JSON.stringify(schema, null, 2))));
}).catch(error => { document.getElementById("main").textContent = `The description cannot be read: ${error.message}`; });
