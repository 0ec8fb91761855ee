/** What answers about durability say when the guarantee does not hold. */
import type { Guarantee } from '../../board/guarantee.ts';

export const lossOf = (guarantee: Guarantee | undefined): { lossAccepted?: string[] } =>
  guarantee && guarantee.lossAccepted.length > 0 ? { lossAccepted: [...guarantee.lossAccepted] } : {};
