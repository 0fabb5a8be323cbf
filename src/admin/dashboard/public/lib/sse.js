/** @typedef {{ kind: string, data: string }} ServerEvent */

/**
 * Takes the text of an event stream piece by piece (WHATWG HTML §9.2.6) and gives the events that are whole. Comments, which
 * the server sends as heartbeats, give none; ids are of no use to a page that reads the whole anew.
 * @returns {(text: string) => ServerEvent[]}
 */
export function createEventParser() {
  let rest = '';
  let kind = '';
  /** @type {string[]} */
  let data = [];

  /** @param {string} line @returns {ServerEvent[]} */
  function take(line) {
    if (line === '') {
      const event = { kind: kind || 'message', data: data.join('\n') };
      const isWhole = data.length > 0;
      kind = '';
      data = [];
      return isWhole ? [event] : [];
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') kind = value;
    else if (field === 'data') data.push(value);
    return [];
  }

  return (text) => {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    return lines.flatMap(take);
  };
}
