import { afterAll, beforeAll, expect, test } from 'vitest';
import * as latestValue from '../../docs/recipes/latest-value.ts';
import * as likes from '../../docs/recipes/likes.ts';
import * as speedrun from '../../docs/recipes/speedrun.ts';
import { type Studio, studio } from '../../docs/recipes/studio.ts';
import * as tournament from '../../docs/recipes/tournament.ts';
import * as weekly from '../../docs/recipes/weekly.ts';
import { type ServerProcess, startServer } from '../support/server.ts';

let server: ServerProcess;
let host: Studio;

beforeAll(async () => {
  server = await startServer();
  host = studio(server.url, server.token);
});

afterAll(async () => {
  host?.close();
  await server?.stop();
});

test.each(Object.entries({ likes, tournament, speedrun, 'latest-value': latestValue, weekly }))(
  '[PA12] the recipe %s does what docs/recipes.md says',
  async (_, recipe) => {
    await host.createBoard(recipe.board);
    expect(await recipe.play(host)).toEqual(recipe.result);
  },
);
