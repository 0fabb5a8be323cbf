import { get, post, remove } from './api.js';

/**
 * Signing in. The token is sent once, and what comes back is a cookie that no script can read.
 *
 * @typedef {{ required: 'none' | 'write' | 'all', signedIn: boolean }} Session
 */

const PATH = '/api/v1/session';

export const readSession = () => get(PATH);

/** @param {string} token */
export const signIn = (token) => post(PATH, { token });

export const signOut = () => remove(PATH);
