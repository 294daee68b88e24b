// Runs browsers for a test: a line of JSON in, a line of JSON out, in any order.
//   {"id": 1, "open": "alice", "client": "jssip", "settings": {...}}   a page that is this phone
//   {"id": 2, "page": "alice", "do": "call", "with": "sip:bob@..."}     window.phone.call(...)
// Usage: driver.mjs DIRECTORY-OF-PACKAGES PROFILE-DIRECTORY
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const [packages, profile] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(path.join(packages, 'package.json'));
const { chromium } = require('playwright-core');
const esbuild = require('esbuild');

async function bundle(library) {
  const result = await esbuild.build({
    entryPoints: [path.join(here, `${library}_phone.js`)], bundle: true, write: false,
    nodePaths: [path.join(packages, 'node_modules')], logLevel: 'error', define: { global: 'window' },
  });
  return result.outputFiles[0].text;
}

// A page of this machine may use the microphone (a secure context).
const page_html = await readFile(path.join(here, 'page.html'));
const bundles = { jssip: await bundle('jssip'), sipjs: await bundle('sipjs') };
const server = http.createServer((request, response) => {
  const [, library, file] = request.url.split('/');
  const script = file === 'bundle.js';
  response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
  response.end(script ? bundles[library] : page_html);
});
await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });

const browser = await chromium.launchPersistentContext(profile, {
  executablePath: '/usr/bin/chromium',
  headless: true,
  ignoreHTTPSErrors: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
    '--ignore-certificate-errors', '--autoplay-policy=no-user-gesture-required',
    '--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns'],
});
const pages = new Map();

async function carryOut(command) {
  if (command.open) {
    const page = await browser.newPage();
    page.on('console', (message) => process.stderr.write(`${command.open}: ${message.text()}\n`));
    page.on('pageerror', (error) => process.stderr.write(`${command.open}: ${error}\n`));
    await page.goto(`http://127.0.0.1:${server.address().port}/${command.client}/`);
    pages.set(command.open, page);
    await page.evaluate((settings) => window.createPhone(settings), command.settings);
    return 'open';
  }
  if (command.close) {
    await pages.get(command.close).close();
    return 'closed';
  }
  const page = pages.get(command.page);
  return page.evaluate(([what, value]) => window.phone[what](value), [command.do, command.with]);
}

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
say({ ready: true });
for await (const line of readline.createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  carryOut(command).then((result) => say({ id: command.id, result }),
    (error) => say({ id: command.id, error: String(error) }));
}
await browser.close();
server.close();
