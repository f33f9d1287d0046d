import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULT_KINDS } from './misbehaviour.ts';
import { SWITCHES } from './switches.ts';
import { startSandbox } from './test-client.ts';

describe("AccountEdge's part of the README", () => {
  const whole = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const [, text = ''] = /^# AccountEdge gateway\n([^]*?)(?=^# |(?![^]))/m.exec(whole) ?? [];

  it('names every switch with its default and meaning', () => {
    for (const [name, { initial, about }] of Object.entries(SWITCHES)) {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
      expect([name, row]).toEqual([name, expect.stringContaining(`| \`${String(initial)}\` | ${about} |`)]);
    }
  });

  it('names every control endpoint and every fault', async () => {
    const sandbox = await startSandbox();
    const { endpoints } = await sandbox.control('GET', '/');
    await sandbox.close();
    for (const endpoint of Object.keys(endpoints ?? {})) {
      if (endpoint !== 'GET /') expect(text).toContain(`\`${endpoint}\``);
    }
    for (const fault of FAULT_KINDS) expect(text).toContain(`\`${fault}\``);
  });
});
