import { forgetPackageIndexes, resolveServer } from '../servers/resolve-server.ts';
import type { ServerBinary, ServerName } from '../servers/server-binary.ts';
import { createSetupLine, notesVariable } from './setup-line.mjs';
import { ensureTools, type ToolName } from './test-tools.ts';
import { ensureWebBuild } from './web-build.ts';

/** What a command needs before it can run. */
export interface Needs {
  servers?: readonly ServerName[];
  /** Paths from the configuration, used instead of what would be found. */
  configured?: Partial<Record<ServerName, string>>;
  /** The dashboard's page. */
  web?: boolean;
  tools?: readonly ToolName[];
}

export type Prepared = Record<ServerName, ServerBinary | undefined>;

/**
 * Sees to what a command needs and says so in one line on stderr, which begins with what the launcher did. Nothing is
 * fetched that is there already.
 */
export async function prepare(needs: Needs): Promise<Prepared> {
  const setup = createSetupLine();
  // The next to prepare something in this process or below has its own line.
  delete process.env[notesVariable];
  const doing = (step: string) => setup.doing(step);
  const say = (sentence: string) => setup.say(sentence);
  const prepared: Prepared = { 'nats-server': undefined, influxd: undefined };
  try {
    for (const name of needs.servers ?? []) {
      const binary = await resolveServer(name, { configured: needs.configured?.[name], doing, say });
      prepared[name] = binary;
      setup.done(`${name} ${binary.version} ready`);
    }
    await forgetPackageIndexes();
    if (needs.web && (await ensureWebBuild({ doing }))) setup.done('dashboard built');
    for (const note of await ensureTools(needs.tools ?? [], { doing })) setup.done(note);
  } catch (error) {
    setup.clear();
    throw error;
  }
  setup.finish();
  return prepared;
}
