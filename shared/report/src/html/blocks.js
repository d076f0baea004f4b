// Which rows stand in the page? The shown rows are cut into blocks. Only the blocks near the screen hold their rows, the others
// just their height, so that thousands of rows cost what a few screens cost. On paper, and where rows are few, all are there.

const ROWS_A_BLOCK = 40;
const FEW = 400;

let blocks = [];
let isOnPaper = false;

/** Lays the shown rows out anew. */
function layBlocks() {
  for (const block of blocks) {
    block.element.remove();
  }
  blocks = [];
  for (let from = 0; from < shown.length; from += ROWS_A_BLOCK) {
    const element = make("div", "block");
    element.setAttribute("role", "rowgroup");
    blocks.push({ element, rows: shown.slice(from, from + ROWS_A_BLOCK), isFull: false });
  }
  guessHeights();
  grid.append(...blocks.map((block) => block.element));
  fillNear();
}

function blockOf(row) {
  return blocks[Math.floor(row.place / ROWS_A_BLOCK)];
}

function fillBlock(block) {
  if (!block.isFull) {
    block.isFull = true;
    block.element.style.height = "";
    block.element.replaceChildren(...block.rows.map(makeRow));
  }
}

function emptyBlock(block, height) {
  block.isFull = false;
  block.element.style.height = `${height}px`;
  block.element.replaceChildren();
}

/** The height of blocks that hold no rows now: exact where rows are of one height, a guess where they wrap. */
function guessHeights() {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const height = parseFloat(getComputedStyle(grid).getPropertyValue("--row")) * rem;
  for (const block of blocks) {
    if (!block.isFull) {
      block.element.style.height = `${block.rows.length * height}px`;
    }
  }
}

/** Fills the blocks near the screen and empties those far away; never the one that the keyboard is on. */
function fillNear() {
  const isAll = isOnPaper || shown.length <= FEW;
  const screen = innerHeight;
  const boxes = blocks.map((block) => block.element.getBoundingClientRect());
  const kept = current && current.row.place >= 0 ? blockOf(current.row) : null;
  blocks.forEach((block, at) => {
    const away = Math.max(boxes[at].top - screen, -boxes[at].bottom);
    if (isAll || block === kept || away < screen) {
      fillBlock(block);
    } else if (block.isFull && away > 3 * screen) {
      emptyBlock(block, boxes[at].height);
    }
  });
}

function listenToScrolling() {
  let isWaiting = false;
  const soon = () => {
    if (!isWaiting) {
      isWaiting = true;
      requestAnimationFrame(() => {
        isWaiting = false;
        fillNear();
      });
    }
  };
  document.addEventListener("scroll", soon, { capture: true, passive: true });
  window.addEventListener("resize", () => {
    guessHeights();
    soon();
  });
}

function setOnPaper(is) {
  isOnPaper = is;
  fillNear();
}
