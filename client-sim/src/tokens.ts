/** The simulator's own tokens, made with the server's secret as an identity provider would. */
import { SignJWT } from 'jose';
import type { TokenRules } from './options.ts';

export type Role = 'player' | 'server' | 'admin';

export function mintToken(rules: TokenRules, role: Role, sub: string, seconds: number): Promise<string> {
  const token = new SignJWT({ role })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime(`${Math.ceil(seconds)}s`);
  if (rules.issuer !== undefined) token.setIssuer(rules.issuer);
  if (rules.audience !== undefined) token.setAudience(rules.audience);
  return token.sign(new TextEncoder().encode(rules.secret));
}
