/** Rows glide from where they were seen to where they now belong (first, last, invert, play). Only `transform` moves, so the
 *  layout is right at once for everybody who does not watch: assistive technology, selection, tests. */

const GLIDE_MS = 260;
const EASING = 'cubic-bezier(0.2, 0.7, 0.2, 1)';
const APPEAR_MS = 200;
/** More rows than a screen shows at once: gliding across it would be noise. */
const GLIDE_PX_MAX = 1_200;

const REDUCED = '(prefers-reduced-motion: reduce)';
export const wantsMotion = (): boolean => !matchMedia(REDUCED).matches && !document.hidden;

/** Where rows are seen now, glides under way included. */
export function seenTops(rows: Iterable<HTMLElement>): Map<string, number> {
  const tops = new Map<string, number>();
  for (const row of rows) tops.set(row.dataset['player'] ?? '', row.getBoundingClientRect().top);
  return tops;
}

/** The motion of one table's rows. Reads and writes stand apart: each read after a write would lay out the whole table again. */
export class RowMotion {
  #running: Animation[] = [];

  /** @param before what `seenTops` said before the rows changed */
  glide(rows: readonly HTMLElement[], before: ReadonlyMap<string, number>): void {
    // A glide under way would shift what is measured now; its row begins again from where it was seen.
    for (const animation of this.#running) animation.cancel();
    const after = seenTops(rows);
    this.#running = rows.flatMap((row) => {
      const player = row.dataset['player'] ?? '';
      const from = before.get(player);
      if (from === undefined) return [appear(row)];
      const shift = from - (after.get(player) ?? from);
      return Math.abs(shift) < 1 || Math.abs(shift) > GLIDE_PX_MAX ? [] : [shiftBack(row, shift)];
    });
  }
}

const appear = (row: HTMLElement): Animation =>
  row.animate([{ opacity: 0 }, { opacity: 1 }], { duration: APPEAR_MS, easing: 'ease-out' });

function shiftBack(row: HTMLElement, shift: number): Animation {
  // A riser passes over those that it overtakes.
  const zIndex = shift > 0 ? 1 : 0;
  return row.animate(
    [
      { transform: `translateY(${shift}px)`, zIndex },
      { transform: 'none', zIndex },
    ],
    { duration: GLIDE_MS, easing: EASING },
  );
}
