/** What somebody sees who leaves the dashboard open: failoverd by its launcher, two real web servers, a real browser, dig. */
import t, { type Test } from 'tap';
import { type Backend, startBackend } from '../helpers/backend.ts';
import { axeViolations, noBrowser, openPage, startBrowser } from '../helpers/browser.ts';
import { dig, digUntil, type Served, serve } from '../helpers/serve.ts';

const NAME = 'app.example.com';
const TOKEN = 'a-long-enough-token-for-a-test';

function configOf(port: number, admin: string): string {
  return `
listen: ["127.0.0.1:0"]
admin: {listen: "127.0.0.1:0"${admin}}
zones:
  ${NAME}:
    nameservers: {ns1.${NAME}: 127.0.0.1}
    records:
      "@":
        ttl: 2s
        primary: 127.0.0.41
        backup: 127.0.0.42
        failback: manual
        check: {url: "http://${NAME}:${port}/", interval: 1s, timeout: 500ms, confirm: 100ms}
`;
}

interface World {
  readonly served: Served;
  readonly primary: Backend;
}

async function start(t: Test, admin = ''): Promise<World> {
  const primary = await startBackend('127.0.0.41');
  const backup = await startBackend('127.0.0.42', primary.port);
  const served = await serve(t.testdir(), configOf(primary.port, admin));
  t.teardown(async () => {
    await served.stop();
    await Promise.all([primary.kill(), backup.kill()]);
  });
  await digUntil(served.dnsPort, NAME, '127.0.0.41');
  return { served, primary };
}

t.test('the dashboard follows what is answered, and orders it', { skip: noBrowser() }, async (t) => {
  const browser = await startBrowser(t);

  const { served, primary } = await start(t);
  const page = await openPage(browser, served.adminUrl);

  t.test('an order of the page changes what dig says, and so does its release', async (t) => {
    await page.getByRole('button', { name: 'Switch…' }).click();
    await page.getByText('The answer becomes 127.0.0.42 (backup) instead of 127.0.0.41 (primary)').waitFor();
    t.equal(await dig(served.dnsPort, '+short', NAME), '127.0.0.41', 'the preview has changed nothing');
    await page.getByLabel('Reason').fill('kernel update');
    await page.getByLabel('Your name').fill('mira');
    await page.getByRole('button', { name: 'Switch to backup' }).click();
    await digUntil(served.dnsPort, NAME, '127.0.0.42');
    await page.getByText('mira ordered backup').waitFor();

    await page.getByRole('button', { name: 'Release' }).click();
    await page.getByLabel('Reason').fill('done');
    t.equal(await page.getByLabel('Your name').inputValue(), 'mira', 'known from before');
    await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
    await page.getByRole('button', { name: 'Fail back' }).click();
    await page.getByLabel('Reason').fill('back to normal');
    await page.getByRole('button', { name: 'Fail back now' }).click();
    await digUntil(served.dnsPort, NAME, '127.0.0.41');
    await page.getByRole('heading', { name: 'OK', exact: true }).waitFor();
    t.same(page.complaints, []);
  });

  t.test('a killed primary is seen as soon as it is answered, without a reload, and explained', async (t) => {
    await page.locator('.hero .answer', { hasText: '127.0.0.41' }).waitFor();
    await page.evaluate('window.isTheSamePage = true');

    await primary.kill();
    const [answeredAt, seenAt] = await Promise.all([
      digUntil(served.dnsPort, NAME, '127.0.0.42').then(() => Date.now()),
      page
        .locator('.hero .answer', { hasText: '127.0.0.42' })
        .waitFor()
        .then(() => Date.now()),
    ]);
    t.comment(`on the page ${seenAt - answeredAt} ms after dig`);
    t.ok(seenAt - answeredAt < 10_000, 'by an event: without one it reads anew after 20 s'); // a second where nothing else runs
    t.equal(await page.locator('h1').textContent(), 'On backup');
    t.ok(await page.evaluate('window.isTheSamePage'));

    await page.locator('.hero').getByRole('button', { name: 'Explain this transition' }).click();
    await page.getByText('no cache has the old answer').waitFor();
    await page.locator('.evidence').getByText('127.0.0.41: refused').first().waitFor();
    t.same(await axeViolations(page), []);
    t.same(page.complaints, []);
  });

  t.test('with a token: a sign-in that no script of the page can read, and that survives a reload', async (t) => {
    const { served } = await start(t, `, token: ${TOKEN}`);
    const page = await openPage(browser, served.adminUrl);
    t.teardown(() => page.context().close());
    await page.getByRole('heading', { name: 'Signed out' }).waitFor();
    t.notMatch(await page.locator('body').textContent(), '127.0.0.41');
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('this is not the token of the config').waitFor();
    await page.getByLabel('Token').fill(TOKEN);
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.hero .answer', { hasText: '127.0.0.41' }).waitFor();

    const [cookie] = await page.context().cookies();
    t.match(cookie, { httpOnly: true, sameSite: 'Strict' });
    const readable = 'document.cookie + JSON.stringify([{...localStorage}, {...sessionStorage}]) + location.href';
    t.notMatch(await page.evaluate<string>(readable), TOKEN);
    t.notMatch(cookie?.value, TOKEN);
    await page.reload();
    await page.locator('.hero .answer', { hasText: '127.0.0.41' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Signed out' }).waitFor();
  });
});
