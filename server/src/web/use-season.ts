/** The number of a season, which the live view does not carry. */
import { useEffect, useState } from 'preact/hooks';
import type { SeasonFacts, ServerApi } from './server-api.ts';

/** undefined until it is known, and for good where the server does not say: the page does without. */
export function useSeason(api: ServerApi, season: string | undefined): SeasonFacts | undefined {
  const [facts, setFacts] = useState<SeasonFacts>();
  useEffect(() => {
    if (season === undefined) return;
    let isCurrent = true;
    api.season(season).then(
      (answer) => {
        if (isCurrent) setFacts(answer);
      },
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, [api, season]);
  return facts?.id === season ? facts : undefined;
}
