// Every visible piece of text on the page whose contrast with what is behind it is below 4.5:1 (3:1 for large text),
// as WCAG 2.1 computes it: [{text, ratio, colors, where}]. Icons, pictures and disabled controls are no text.
const CANVAS = Object.assign(document.createElement('canvas'), {width: 1, height: 1}).getContext('2d', {willReadFrequently: true});
function rgba(color) {
  CANVAS.clearRect(0, 0, 1, 1);
  CANVAS.fillStyle = color;
  CANVAS.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = CANVAS.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
}
const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
function luminance(color) {
  const [r, g, b] = color.slice(0, 3).map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function behind(node) {
  const layers = [], range = document.createRange();
  range.selectNodeContents(node);
  const {left, right, top, bottom} = range.getBoundingClientRect(), x = (left + right) / 2, y = (top + bottom) / 2;
  for (let e = node.parentElement; e; e = e.parentElement) {
    const box = e.getBoundingClientRect();  // a label may hang outside of what it belongs to
    if (e === document.body || (box.left <= x && x <= box.right && box.top <= y && y <= box.bottom))
      layers.push(rgba(getComputedStyle(e).backgroundColor));
  }
  return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
}
function opacity(element) {
  let product = 1;
  for (let e = element; e; e = e.parentElement) product *= Number(getComputedStyle(e).opacity);
  return product;
}
function isShown(element, style) {
  const box = element.getBoundingClientRect();
  return box.width > 1 && box.height > 1 && style.visibility === 'visible' && style.clip === 'auto' && opacity(element) > 0;
}
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode.data.trim(), element = walker.currentNode.parentElement;
  if (!text || element.closest('script, style, noscript, title, [data-testid=stIconMaterial], :disabled, [aria-disabled=true]')) continue;
  const style = getComputedStyle(element);
  if (!isShown(element, style)) continue;
  const back = behind(walker.currentNode), ink = rgba(element instanceof SVGElement ? style.fill : style.color);
  ink[3] *= opacity(element);
  const [dark, light] = [luminance(over(ink, back)), luminance(back)].sort((a, b) => a - b);
  const ratio = (light + 0.05) / (dark + 0.05);
  const pixels = parseFloat(style.fontSize), large = pixels >= 24 || (pixels >= 18.66 && Number(style.fontWeight) >= 700);
  if (ratio < (large ? 3 : 4.5))
    found.push({text: text.slice(0, 60), ratio: Math.round(ratio * 100) / 100, colors: `${ink} on ${back}`,
                where: element.closest('[data-testid]')?.dataset.testid || element.className.toString()});
}
return found;
