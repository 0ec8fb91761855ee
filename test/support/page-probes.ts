/** Questions to a page in a real browser. Their code runs in the page and is text, because the tests are not compiled with a
 *  browser's types. */
import type { Locator, Page } from 'playwright-core';

/** As it is rendered: what is hidden from everybody is left out, blocks stand on lines of their own. */
export const seenText = (locator: Locator): Promise<string> =>
  locator.evaluate((element) => element.innerText);

/** The table as a person reads it: one array of cell texts per row, the head left out. */
export const tableRows = (page: Page): Promise<string[][]> =>
  page.evaluate(`[...document.querySelectorAll('table.board tbody tr')].map((row) =>
    [...row.cells].map((cell) => cell.innerText.replace(/\\s+/g, ' ').trim()))`);

/** `rank player score`, row by row. */
export const standings = async (page: Page): Promise<string[]> =>
  (await tableRows(page)).map(([rank, , player, score]) => `${rank} ${player} ${score}`);

/** Counts every animation of a table row from now on; `glides` reads it. Must run before the page's own script. */
export const COUNT_GLIDES = `
  window.glides = [];
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (frames, options) {
    if (this.matches('tbody tr')) window.glides.push({ player: this.dataset.player, frames: JSON.stringify(frames) });
    return animate.call(this, frames, options);
  };`;

export interface Glide {
  player: string;
  frames: string;
}

export const glides = (page: Page): Promise<Glide[]> => page.evaluate('window.glides');

/** Gives each row's element a mark of its own, so that it can be told whether it is still the same element later. */
export const markRows = (page: Page): Promise<void> =>
  page.evaluate(
    `for (const row of document.querySelectorAll('tbody tr')) row.seenBefore = row.dataset.player`,
  );

export const rowsKept = (page: Page): Promise<string[]> =>
  page.evaluate(
    `[...document.querySelectorAll('tbody tr')].filter((row) => row.seenBefore === row.dataset.player).map((row) => row.dataset.player)`,
  );

/** Pixels by which the page is wider than its window. */
export const overflowPx = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - window.innerWidth');

/** What the focus is on, and whether a person can see that it is there. */
export const focused = (page: Page): Promise<{ name: string; isVisible: boolean }> =>
  page.evaluate(`(() => {
    const element = document.activeElement;
    const label = element.labels?.[0]?.innerText ?? element.innerText ?? '';
    const style = getComputedStyle(element);
    return {
      name: (element.tagName.toLowerCase() + ' ' + label.split('\\n')[0].trim()).trim(),
      isVisible: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    };
  })()`);

export interface Contrast {
  text: string;
  ratio: number;
}

/** Every piece of text with its contrast against what stands behind it (WCAG 2.2, relative luminance). */
export const contrasts = (page: Page): Promise<Contrast[]> =>
  page.evaluate(`(() => {
    const channels = (color) => color.match(/[\\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => [r, g, b]
      .map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = channels(getComputedStyle(at).backgroundColor);
        if (color.length === 3 || color[3] === 1) return color;
      }
      return [255, 255, 255];
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const text = walker.currentNode.data.trim();
      const element = walker.currentNode.parentElement;
      if (text === '' || !element.checkVisibility() || element.closest('script, option')) continue;
      const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
      found.push({ text, ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) });
    }
    return found;
  })()`);

/** How dark the page's ground is: 0 is black, 255 white. */
export const groundBrightness = (page: Page): Promise<number> =>
  page.evaluate(
    `Math.max(...getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number))`,
  );

/** The computed style of an element, by the names of its properties. */
export const styleOf = (locator: Locator, ...properties: string[]): Promise<string[]> =>
  locator.evaluate((element, names) => {
    const style = element.ownerDocument.defaultView.getComputedStyle(element);
    return names.map((name) => style.getPropertyValue(name));
  }, properties);
