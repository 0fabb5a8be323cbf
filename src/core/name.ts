declare const brand: unique symbol;

/**
 * An absolute domain name in the one canonical text form: lower case, final dot, special octets escaped as in a master
 * file (RFC 1035 §5.1: `\.` and `\DDD`), at most 63 octets a label and 255 in all. The root is `.`.
 */
export type OwnerName = string & { readonly [brand]: 'OwnerName' };
