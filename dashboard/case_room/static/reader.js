// The picture of a page: drawn by PDF.js or as it is, turned upright, larger and smaller; its lights lie over it.
const sheet = document.querySelector(".sheet");
const says = document.getElementById("picture-says");
const SHARP = 200 / 72; // of a PDF's points: what a word is cut out at
const MOST_PIXELS = 16e6; // a canvas of 64 MB; a phone refuses much larger ones

if (sheet) showPicture();
document.getElementById("asked")?.scrollIntoView({ block: "center" });
watchSelection();

async function showPicture() {
  document.querySelectorAll("[data-needs-js]").forEach((each) => { each.hidden = false; });
  const stage = sheet.parentElement, lights = sheet.querySelector("svg");
  const turning = document.createElement("div");
  turning.className = "turning";
  const view = { turn: Number(sheet.dataset.rotation), zoom: Number(sessionStorage.getItem("zoom")) || 1 };
  says.textContent = "Loading the picture …";
  let source;
  try {
    source = sheet.dataset.type === "application/pdf" ? await openPdf() : await openImage();
  } catch (error) {
    says.textContent = `The picture cannot be shown here (${error?.name ?? "error"}). Its text is beside it.`;
    return;
  }
  says.textContent = "";
  turning.append(source.element, lights);
  sheet.append(turning);
  let drawing = Promise.resolve();
  const lay = () => {
    const lies = view.turn % 180 !== 0;
    const upright = lies ? source.height : source.width;
    const scale = (stage.clientWidth - 2) / upright * view.zoom;
    const width = source.width * scale, height = source.height * scale;
    turning.style.width = `${width}px`;
    turning.style.height = `${height}px`;
    turning.style.transform = { 0: "none", 90: `translate(${height}px, 0) rotate(90deg)`, 180: `translate(${width}px, ${height}px) rotate(180deg)`, 270: `translate(0, ${width}px) rotate(270deg)` }[view.turn];
    sheet.style.width = `${lies ? height : width}px`;
    sheet.style.height = `${lies ? width : height}px`;
    drawing = drawing.then(() => source.draw(scale)).then(() => { sheet.dataset.drawn = `${view.turn} ${view.zoom}`; });
  };
  const zoom = (to) => { view.zoom = Math.min(6, Math.max(0.3, to)); sessionStorage.setItem("zoom", view.zoom); lay(); };
  document.querySelector('[data-zoom="in"]').addEventListener("click", () => zoom(view.zoom * 1.25));
  document.querySelector('[data-zoom="out"]').addEventListener("click", () => zoom(view.zoom / 1.25));
  document.querySelector('[data-zoom="fit"]').addEventListener("click", () => zoom(1));
  document.querySelector("[data-turn]").addEventListener("click", () => { view.turn = (view.turn + 90) % 360; lay(); });
  new ResizeObserver(lay).observe(stage);
  lay();
  drawing.then(() => cutDoubts(source));
  const lit = lights.querySelector(".asked") ?? lights.querySelector(".finding, .hit");
  if (lit) {
    const box = lit.getBoundingClientRect(), around = stage.getBoundingClientRect();
    stage.scrollTo({ top: stage.scrollTop + box.top - around.top - stage.clientHeight / 3, left: stage.scrollLeft + box.left - around.left - 40 });
  }
}

async function openPdf() {
  const base = new URL("pdfjs/", import.meta.url).href;
  const pdfjs = await import(`${base}pdf.min.mjs`);
  pdfjs.GlobalWorkerOptions.workerSrc = `${base}pdf.worker.min.mjs`;
  const file = await pdfjs.getDocument({ url: sheet.dataset.file, standardFontDataUrl: `${base}standard_fonts/`, wasmUrl: `${base}wasm/`, enableXfa: false, disableAutoFetch: true, disableStream: true }).promise;
  const page = await file.getPage(Number(sheet.dataset.page));
  const size = page.getViewport({ scale: 1 }), canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", sheet.dataset.alt);
  const paint = async (on, scale) => {
    const viewport = page.getViewport({ scale: Math.min(scale, Math.sqrt(MOST_PIXELS / (size.width * size.height))) });
    on.width = Math.round(viewport.width);
    on.height = Math.round(viewport.height);
    await page.render({ canvas: on, canvasContext: on.getContext("2d"), viewport }).promise;
  };
  return {
    element: canvas, width: size.width, height: size.height,
    draw: (scale) => paint(canvas, scale * (window.devicePixelRatio || 1)),
    async sharp() {
      const large = document.createElement("canvas");
      await paint(large, SHARP);
      return { picture: large, width: large.width, height: large.height };
    },
  };
}

async function openImage() {
  const image = document.createElement("img");
  image.alt = sheet.dataset.alt;
  image.src = sheet.dataset.file;
  await image.decode();
  const size = { width: image.naturalWidth, height: image.naturalHeight };
  return { element: image, ...size, async draw() {}, sharp: async () => ({ picture: image, ...size }) };
}

// What was read with doubt, cut out of the picture and upright; data-crop is in thousandths of the picture.
async function cutDoubts(source) {
  const cuts = document.querySelectorAll("canvas[data-crop]");
  if (!cuts.length) return;
  const { picture, width, height } = await source.sharp(), turn = Number(sheet.dataset.rotation);
  for (const cut of cuts) {
    const [left, top, wide, high] = cut.dataset.crop.trim().split(" ").map(Number);
    const across = Math.max(1, wide * width / 1000), down = Math.max(1, high * height / 1000);
    [cut.width, cut.height] = turn % 180 ? [down, across] : [across, down];
    const pen = cut.getContext("2d");
    pen.translate(cut.width / 2, cut.height / 2);
    pen.rotate(turn * Math.PI / 180);
    pen.drawImage(picture, left * width / 1000, top * height / 1000, across, down, -across / 2, -down / 2, across, down);
    cut.hidden = false;
  }
}

// A note or a mark is put on the words that are selected in the page's text.
function watchSelection() {
  const forms = [...document.querySelectorAll("form.on-words")], text = document.querySelector(".page-text[data-page]");
  if (!forms.length || !text) return;
  const put = () => {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const range = selection.getRangeAt(0), start = place(text, range.startContainer, range.startOffset), end = place(text, range.endContainer, range.endOffset);
    if (start === null || end === null || end <= start) return;
    const words = selection.toString().replace(/\s+/g, " ").trim().slice(0, 60);
    for (const form of forms) {
      form.elements.namedItem("start").value = start;
      form.elements.namedItem("length").value = end - start; // .length would be how many elements there are
      const says = form.querySelector(".words-on");
      says.textContent = `${says.dataset.says} “${words}”`;
    }
  };
  document.addEventListener("selectionchange", put);
  put(); // what was selected while this file came
}

// Characters (code points, as Python counts them) before a place of the page's text.
function place(text, node, offset) {
  const line = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(".line-text");
  if (!line || !text.contains(line)) return null;
  const before = document.createRange();
  before.setStart(line, 0);
  before.setEnd(node, offset);
  return Number(line.parentElement.dataset.start) + [...before.toString()].length;
}
