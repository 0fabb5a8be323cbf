// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how a config writes variables.
import t from 'tap';
import { configOf, problemsOf, withTop } from './texts.ts';

const databaseOf = (value: string, env = {}) => configOf(withTop(`database: ${value}`), env).databasePath;

t.test('${NAME} stands for the environment variable, in every kind of scalar', async (t) => {
  const env = { DIR: '/var/lib', NAME: 'state.db', EMPTY: '' };
  for (const [value, path] of [
    ['${DIR}/${NAME}', '/var/lib/state.db'],
    ['"${DIR}/x"', '/var/lib/x'],
    ["'${DIR}/x'", '/var/lib/x'],
    ['${DIR}${EMPTY}/x', '/var/lib/x'],
    ['>-\n  ${DIR}/x', '/var/lib/x'],
  ] as const) {
    t.equal(databaseOf(value, env), path, value);
  }
});

t.test('$${ stands for the text ${, and a $ alone for itself', async (t) => {
  t.equal(databaseOf('/a$${DIR}b'), '/a${DIR}b');
  t.equal(databaseOf('"/a$${"'), '/a${');
  t.equal(databaseOf('/a$DIR$'), '/a$DIR$');
});

t.test('${NAME} works without quotes within {…} and […]', async (t) => {
  const { admin, log } = configOf(withTop('admin: {listen: ${HOST}:0, token: ${TOKEN}}', 'log: {level: ${LEVEL}}'), {
    HOST: '127.0.0.1',
    TOKEN: 's3cr3t',
    LEVEL: 'debug',
  });
  t.same([admin.listen, admin.token, log.level], [{ host: '127.0.0.1', port: 0 }, 's3cr3t', 'debug']);
});

t.test('a variable gives one value, never YAML structure', async (t) => {
  const env = { EVIL: 'x, listen: 0.0.0.0:1}\nworkers: 3 # "', LIST: '[a, b]' };
  t.equal(databaseOf('${EVIL}', env), '/etc/failoverd/x, listen: 0.0.0.0:1}\nworkers: 3 # "');
  t.same(problemsOf(withTop('listen: ${LIST}'), env), [
    '1:9 error listen must be an address and a port such as 127.0.0.1:53 or [::1]:53, found "${LIST}"',
  ]);
});

t.test('a variable may stand for a number or a truth value', async (t) => {
  const { workers, dns } = configOf(withTop('workers: ${N}', 'dns: {cookies: "${B}"}'), { N: '3', B: 'false' });
  t.same([workers, dns.cookies], [3, false]);
});

t.test('a variable is not looked for in keys and comments', async (t) => {
  t.same(problemsOf(withTop('${KEY}: 1 # ${COMMENT}')), ['1:1 error unknown key "${KEY}"']);
});

t.test('a variable that is not set, or none, is an error at its place', async (t) => {
  t.same(problemsOf(withTop('log: {level: info}', 'database: "a ${MISSING} ${OTHER}"')), [
    '2:11 error environment variable MISSING is not set',
    '2:11 error environment variable OTHER is not set',
  ]);
  t.same(problemsOf(withTop('database: "${a b}"')), [
    '1:11 error "${a b}" is not a variable: write ${NAME}, or $${ for the text ${',
  ]);
  t.same(problemsOf(withTop('database: x${DIR')), [
    '1:11 error "${" without "}": write ${NAME}, or $${ for the text ${',
  ]);
  t.same(problemsOf(withTop('workers: ${MISSING}')), ['1:10 error environment variable MISSING is not set']);
});

t.test('columns behind a variable are those of the file', async (t) => {
  t.same(problemsOf(withTop('dns: {nsid: ${LONG}, edns_size: 1}'), { LONG: 'x'.repeat(99) }), [
    '1:33 error edns_size must be a whole number from 512 to 4096, found 1',
  ]);
});
