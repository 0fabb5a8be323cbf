/**
 * @typedef {{ record: string, answeredFraction: number | null, onPrimaryFraction: number | null, transitions: number,
 *   targets: readonly { target: string, upFraction: number | null }[] }} Availability of one record in one window
 */

export const WINDOWS = /** @type {const} */ (['24h', '7d', '30d']);
