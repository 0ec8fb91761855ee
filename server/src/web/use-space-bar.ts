import { useEffect, useRef } from 'preact/hooks';

/** Controls that have a use for the space bar of their own. */
const CONTROLS = 'a, button, input, select, textarea, summary, [contenteditable]';

/** Calls `onSpace` when the space bar is pressed outside every control. */
export function useSpaceBar(onSpace: () => void): void {
  const latest = useRef(onSpace);
  latest.current = onSpace;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (
        event.key !== ' ' ||
        event.repeat ||
        event.ctrlKey ||
        event.altKey ||
        event.metaKey ||
        event.shiftKey
      )
        return;
      if (event.target instanceof Element && event.target.closest(CONTROLS)) return;
      event.preventDefault();
      latest.current();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}
