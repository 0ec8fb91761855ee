import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  ConfigError,
  configKeyOf,
  loadConfig,
  loadTokenConfig,
  VARIABLES,
} from '../../../server/src/config.ts';
import { describeConfig, maskUrl } from '../../../server/src/config-shown.ts';
import { GENERATE_COMMAND, generatedFiles } from '../../checks/generated.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SECRET = 'q3Vd0-b7XkZs9_Lw2Hn5Yt8Rc1Mf4Jp6';
const GOOD = {
  DATABASE_URL: 'postgres://app:hunter2@db.example:5432/scores',
  REDIS_URL: 'redis://:hunter3@cache.example:6379/0',
  JWT_SECRET: SECRET,
};

function problemsOf(env: Record<string, string>): ConfigError {
  try {
    loadConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error as ConfigError;
  }
  throw new Error('the configuration was taken');
}

describe('loading', () => {
  it('[CF1] gives every variable its type and default', () => {
    const config = loadConfig(GOOD);
    expect(config).toMatchObject({
      databaseUrl: GOOD.DATABASE_URL,
      host: '127.0.0.1',
      port: 8080,
      jwtSecret: SECRET,
      jwtJwksUrl: undefined,
      publicPage: true,
      connectionsMax: 20_000,
      acceptLoss: false,
      logLevel: 'info',
    });
    expect(Object.keys(config).sort()).toEqual(Object.keys(VARIABLES).map(configKeyOf).sort());
  });

  it('[CF1] takes an empty variable for one that is not set', () => {
    const config = loadConfig({ ...GOOD, PORT: '', JWT_ISSUER: '  ', LOG_LEVEL: '' });
    expect(config).toMatchObject({ port: 8080, jwtIssuer: undefined, logLevel: 'info' });
  });

  it('[CF1] takes every value at its bounds', () => {
    expect(loadConfig({ ...GOOD, PORT: '0' }).port).toBe(0);
    expect(loadConfig({ ...GOOD, PORT: '65535', ACCEPT_LOSS: 'true' })).toMatchObject({
      port: 65_535,
      acceptLoss: true,
    });
  });

  it('[CF2] reports every problem at once, each with the variable, what is wrong and the fix', () => {
    const error = problemsOf({
      DATABASE_URL: 'mysql://db/x',
      PORT: '65536',
      CONNECTIONS_MAX: 'many',
      REDIS_TIMEOUT_MS: '1.5',
      LOG_LEVEL: 'loud',
      ACCEPT_LOSS: 'yes',
      JWT_JWKS_URL: 'id.example.com/keys',
    });
    const names = error.problems.map(({ variable }) => variable);
    expect(names.sort()).toEqual([
      'ACCEPT_LOSS',
      'CONNECTIONS_MAX',
      'DATABASE_URL',
      'JWT_JWKS_URL',
      'LOG_LEVEL',
      'PORT',
      'REDIS_TIMEOUT_MS',
      'REDIS_URL',
    ]);
    for (const { variable, problem, fix } of error.problems)
      expect(error.message).toContain(`${variable}: ${problem}. ${fix}.`);
    expect(error.message).toContain('PORT: must be a whole number from 0 to 65535, not "65536"');
  });

  it.each(['-1', '1e3', '0x10', ' 1 2', 'NaN', '9'.repeat(20), '80.0'])(
    '[CF2] refuses the port %s',
    (port) => {
      expect(problemsOf({ ...GOOD, PORT: port }).problems).toMatchObject([{ variable: 'PORT' }]);
    },
  );

  it('[CF3] no secret has a default, and a weak or missing one is refused', () => {
    for (const variable of Object.values(VARIABLES))
      if (variable.secret) expect(variable.default).toBeUndefined();
    expect(problemsOf({ ...GOOD, JWT_SECRET: '' }).message).toContain('neither is JWT_JWKS_URL');
    expect(problemsOf({ ...GOOD, JWT_SECRET: SECRET.slice(1) }).message).toContain('at least 32 characters');
    expect(problemsOf({ ...GOOD, JWT_SECRET: 'a'.repeat(64) }).message).toContain('can be guessed');
    expect(
      loadConfig({ ...GOOD, JWT_SECRET: '', JWT_JWKS_URL: 'https://id.example/jwks' }).jwtSecret,
    ).toBeUndefined();
  });

  it('[CF3] the page has tokens only where there is a secret to sign them', () => {
    const env = { ...GOOD, JWT_SECRET: '', JWT_JWKS_URL: 'https://id.example/jwks' };
    expect(loadConfig(env).publicPage).toBe(false);
    expect(problemsOf({ ...env, PUBLIC_PAGE: 'true' }).problems).toMatchObject([{ variable: 'PUBLIC_PAGE' }]);
    expect(loadConfig({ ...GOOD, PUBLIC_PAGE: 'false' }).publicPage).toBe(false);
  });
});

describe('showing', () => {
  it('[CF4] an error never shows a secret or a part of a URL', () => {
    const { message } = problemsOf({
      DATABASE_URL: 'app:hunter2@db.example/scores',
      REDIS_URL: 'http://:hunter3@cache.example',
      JWT_SECRET: 'hunter4',
      JWT_JWKS_URL: 'ftp://hunter5:hunter6@id.example',
    });
    expect(message).not.toMatch(/hunter|cache\.example|id\.example/);
    expect(message.split('\n')).toHaveLength(5);
  });

  it('[CF4] the start log masks secrets and the credentials in URLs', () => {
    const shown = describeConfig(
      loadConfig({ ...GOOD, JWT_JWKS_URL: 'https://me:hunter7@id.example/jwks?token=hunter8' }),
    );
    const text = JSON.stringify(shown);
    expect(text).not.toMatch(/hunter/);
    expect(text).not.toContain(SECRET);
    expect(shown).toMatchObject({
      databaseUrl: 'postgres://***:***@db.example:5432/scores',
      jwtSecret: '***',
      port: 8080,
    });
    expect(shown).not.toHaveProperty('jwtIssuer');
  });

  it('[CF4] masks credentials wherever a URL may hold them', () => {
    expect(maskUrl('postgres://db/x?user=u&password=hunter2&sslkey=k')).toBe(
      'postgres://db/x?user=u&password=***&sslkey=***',
    );
    expect(maskUrl('redis://cache:6379/0')).toBe('redis://cache:6379/0');
    expect(maskUrl('not a url with hunter2')).toBe('***');
  });

  it('[CF5] .env.example, docs/config.md and docs/openapi.json are what their schemas say', () => {
    for (const { path, text } of generatedFiles(ROOT))
      expect(readFileSync(`${ROOT}/${path}`, 'utf8'), `${path} is stale: run ${GENERATE_COMMAND}`).toBe(text);
  });

  it('[CF5] the reference names every variable', () => {
    const reference = readFileSync(`${ROOT}/docs/config.md`, 'utf8');
    for (const name of Object.keys(VARIABLES)) expect(reference).toContain(`| \`${name}\``);
  });
});

describe('the token command', () => {
  it('[CF1] needs no more of the environment than what a token is made of', () => {
    expect(loadTokenConfig({ JWT_SECRET: SECRET, JWT_AUDIENCE: 'games' })).toEqual({
      jwtSecret: SECRET,
      jwtIssuer: undefined,
      jwtAudience: 'games',
    });
    expect(() => loadTokenConfig({})).toThrow(/JWT_SECRET: is not set/);
    expect(() => loadTokenConfig({ JWT_SECRET: 'hunter2' })).toThrow(/^(?!.*hunter2).*at least 32/s);
  });
});
