/** The configuration as a log may show it. Invariant: no secret and no credential inside a URL is in what this returns. */
import { type Config, configKeyOf, VARIABLES } from './config.ts';

const SECRET_PARAMETER = /pass|secret|token|key/i;

/** A URL without its user, password and secret-looking parameters; any other text as a whole. */
export function maskUrl(text: string): string {
  if (!URL.canParse(text)) return '***';
  const url = new URL(text);
  if (url.username !== '') url.username = '***';
  if (url.password !== '') url.password = '***';
  for (const name of [...url.searchParams.keys()])
    if (SECRET_PARAMETER.test(name)) url.searchParams.set(name, '***');
  return url.href;
}

/** The configuration as the start log may show it: secrets and credentials inside URLs are masked, unset ones left out. */
export function describeConfig(config: Config): Record<string, string | number | boolean> {
  const shown: Record<string, string | number | boolean> = {};
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const key = configKeyOf(name) as keyof Config;
    const value = config[key];
    if (value === undefined) continue;
    if (typeof value === 'string' && variable.type.startsWith('a URL')) shown[key] = maskUrl(value);
    else shown[key] = variable.secret ? '***' : value;
  }
  return shown;
}
