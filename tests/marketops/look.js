/* What a page looks like to somebody who reads it. Icons, charts and the colours of segments are left out: they have sizes and
   colours of their own. */
() => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  const sizes = {}, violets = {}, canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const hueOf = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, alpha] = canvas.getImageData(0, 0, 1, 1).data, most = Math.max(r, g, b), least = Math.min(r, g, b);
    if (alpha < 200 || most - least < 90) return null;
    const at = most === r ? ((g - b) / (most - least) + 6) % 6 : most === g ? (b - r) / (most - least) + 2 : (r - g) / (most - least) + 4;
    return Math.round(at * 60);
  };
  const hues = new Map();
  document.querySelectorAll("body *").forEach((element) => {
    if (element.closest("svg, [data-colour], .material-symbols-outlined, script, style") || !seen(element)) return;
    const style = getComputedStyle(element), name = element.tagName + "." + element.className;
    if ([...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) sizes[style.fontSize] = name;
    [style.color, style.backgroundColor].forEach((colour) => {
      if (!hues.has(colour)) hues.set(colour, hueOf(colour));
      const hue = hues.get(colour);
      if (hue !== null && hue > 215 && hue < 310) violets[hue] = name;
    });
  });
  const places = document.querySelector(".mo-places"), root = document.documentElement;
  return { sizes, violets, h1: [...document.querySelectorAll("h1")].filter(seen).length, main: document.querySelectorAll("main").length,
    overflow: root.scrollWidth - root.clientWidth, hidden: places ? places.scrollHeight - places.clientHeight : 0 };
}
