/** Tokens: JWTs that name who speaks (`sub`) and what they may do (`role`), and end (`exp`).
 *
 *  A token's `alg` header is written by whoever made the token, so it only chooses between two doors that never share a key:
 *  HS256 is checked against the shared secret alone, asymmetric algorithms against the provider's public keys alone. A public key
 *  can therefore never serve as an HMAC secret, and `none` has no door. */
import { isId } from '@photofinish/shared/domain/ids';
import { Fault } from '@photofinish/shared/protocol/errors';
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
  SignJWT,
} from 'jose';
import { type Principal, ROLES, type Role } from '../board/principal.ts';

const SYMMETRIC = 'HS256';
const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Clocks of two machines differ. Larger, and an ended token lives on that much longer. */
const CLOCK_TOLERANCE_S = 5;
/** Longer than any sane token; bounds the work that a stranger can ask for. */
const TOKEN_LENGTH_MAX = 8_192;
const JWKS_TIMEOUT_MS = 5_000;

export interface TokenRules {
  secret: string | undefined;
  jwksUrl: string | undefined;
  issuer: string | undefined;
  audience: string | undefined;
  /** Tokens issued longer ago are refused, and `iat` is required; undefined: `exp` alone bounds them. */
  ageSecondsMax?: number | undefined;
}

const secretKey = (secret: string): Uint8Array => new TextEncoder().encode(secret);

const refuse = (message: string, field?: string): Fault =>
  new Fault('UNAUTHENTICATED', message, {
    ...(field === undefined ? {} : { field }),
    fix: 'connect with a new token',
  });

export class TokenVerifier {
  readonly #secret: Uint8Array | undefined;
  readonly #jwks: JWTVerifyGetKey | undefined;
  readonly #options: JWTVerifyOptions;

  constructor(rules: TokenRules) {
    this.#secret = rules.secret === undefined ? undefined : secretKey(rules.secret);
    this.#jwks =
      rules.jwksUrl === undefined
        ? undefined
        : createRemoteJWKSet(new URL(rules.jwksUrl), { timeoutDuration: JWKS_TIMEOUT_MS });
    this.#options = {
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ['exp', 'sub', 'role'],
      ...(rules.issuer === undefined ? {} : { issuer: rules.issuer }),
      ...(rules.audience === undefined ? {} : { audience: rules.audience }),
      ...(rules.ageSecondsMax === undefined ? {} : { maxTokenAge: rules.ageSecondsMax }),
    };
  }

  /** @throws Fault UNAUTHENTICATED saying which claim is wrong, UNAVAILABLE when the provider's keys cannot be fetched.
   *  No message holds the token or a part of it. */
  async verify(token: string): Promise<Principal> {
    if (token.length > TOKEN_LENGTH_MAX)
      throw refuse(`the token is longer than ${TOKEN_LENGTH_MAX} characters`);
    return principalOf(await this.#payloadOf(token));
  }

  async #payloadOf(token: string): Promise<JWTPayload> {
    const alg = algorithmOf(token);
    try {
      if (alg === SYMMETRIC && this.#secret)
        return (await jwtVerify(token, this.#secret, { ...this.#options, algorithms: [SYMMETRIC] })).payload;
      if (ASYMMETRIC.includes(alg) && this.#jwks)
        return (await jwtVerify(token, this.#jwks, { ...this.#options, algorithms: ASYMMETRIC })).payload;
    } catch (error) {
      throw faultOf(error);
    }
    const taken = [...(this.#secret ? [SYMMETRIC] : []), ...(this.#jwks ? ASYMMETRIC : [])].join(', ');
    throw refuse(`alg: this server does not take the token's algorithm; it takes ${taken}`, 'alg');
  }
}

function algorithmOf(token: string): string {
  try {
    return String(decodeProtectedHeader(token).alg);
  } catch {
    throw refuse('the token is not a JWT: three base64url parts separated by dots');
  }
}

function principalOf(payload: JWTPayload): Principal {
  const { sub, role, exp } = payload;
  if (!isId(sub)) throw refuse('sub: must be 1 to 64 characters out of A-Z a-z 0-9 . _ ~ -', 'sub');
  const known = ROLES.find((name) => name === role);
  if (!known) throw refuse(`role: must be one of ${ROLES.join(', ')}`, 'role');
  if (typeof exp !== 'number' || !Number.isSafeInteger(Math.ceil(exp * 1_000)))
    throw refuse('exp: must be a time in seconds since 1970', 'exp');
  const { bucketKey } = payload;
  if (bucketKey !== undefined && !isId(bucketKey))
    throw refuse('bucketKey: must be 1 to 64 characters out of A-Z a-z 0-9 . _ ~ -', 'bucketKey');
  const expiresAt = Math.floor(exp * 1_000);
  return bucketKey === undefined
    ? { sub, role: known, expiresAt }
    : { sub, role: known, expiresAt, bucketKey };
}

function faultOf(error: unknown): Fault {
  if (error instanceof errors.JWTExpired)
    return error.claim === 'exp'
      ? refuse('exp: the token has expired', 'exp')
      : refuse('iat: the token was issued too long ago', 'iat');
  if (error instanceof errors.JWTClaimValidationFailed) {
    const wrong = error.reason === 'missing' ? 'is missing' : 'is not what this server asks for';
    return refuse(
      `${error.claim}: ${error.claim === 'nbf' ? 'the token is not valid yet' : wrong}`,
      error.claim,
    );
  }
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return refuse("the token's signature is wrong: it was made with another key");
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return refuse("kid: the provider has no single key that fits the token's kid and alg", 'kid');
  // Only a failed fetch of the keys is the server's trouble and not the token's.
  if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout || isFetchFailure(error))
    return new Fault('UNAVAILABLE', "the identity provider's keys cannot be fetched now; try again", {
      retryAfterMs: 1_000,
    });
  return refuse('the token is not a JWT that this server takes');
}

/** jose says so with its base class when the provider answers another status than 200, or no JSON. */
const isFetchFailure = (error: errors.JOSEError): boolean =>
  error.code === 'ERR_JOSE_GENERIC' || error instanceof errors.JWKSInvalid;

/** An HS256 token. `ttlSeconds` from now, by the clock of this machine. */
export async function mintToken(of: {
  secret: string;
  sub: string;
  role: Role;
  /** Of a player, on boards with buckets by key. */
  bucketKey?: string | undefined;
  ttlSeconds: number;
  issuer?: string | undefined;
  audience?: string | undefined;
}): Promise<string> {
  const issuedAt = Math.floor(Date.now() / 1_000);
  const jwt = new SignJWT({
    role: of.role,
    ...(of.bucketKey === undefined ? {} : { bucketKey: of.bucketKey }),
  })
    .setProtectedHeader({ alg: SYMMETRIC, typ: 'JWT' })
    .setSubject(of.sub)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + of.ttlSeconds);
  if (of.issuer !== undefined) jwt.setIssuer(of.issuer);
  if (of.audience !== undefined) jwt.setAudience(of.audience);
  return jwt.sign(secretKey(of.secret));
}
