import { hkdfSync } from 'node:crypto';
import type pg from 'pg';

/** The two roles that Concord works under; the owner only migrates (ENGINE G1). */
export const ROLES = { app: 'concord_app', dispatch: 'concord_dispatch' } as const;
export type Role = keyof typeof ROLES;

/** Passwords follow from the master key, so that every process of a deployment knows them and none is stored. */
export const rolePassword = (masterKey: Buffer, role: Role): string =>
  Buffer.from(hkdfSync('sha256', masterKey, '', `concord database role ${ROLES[role]}`, 24)).toString('base64url');

/** The owner's connection string with a role's name and password in place of the owner's. */
export const roleUrl = (ownerUrl: string, role: Role, masterKey: Buffer): string => {
  const url = new URL(ownerUrl);
  url.username = ROLES[role];
  url.password = rolePassword(masterKey, role);
  return url.href;
};

/** Makes the roles, or gives them their present password; neither may bypass row-level security. */
export const prepareRoles = async (owner: pg.Client, masterKey: Buffer): Promise<void> => {
  // One at a time over the whole cluster: two starts at once would both try to make them.
  await owner.query('select pg_advisory_lock(4019)');
  try {
    for (const role of Object.keys(ROLES) as Role[]) {
      const name = ROLES[role];
      const { rowCount } = await owner.query('select 1 from pg_roles where rolname = $1', [name]);
      const password = owner.escapeLiteral(rolePassword(masterKey, role));
      // An owner that is no superuser may set the password of a role that it made, but not say again what the role may not.
      await owner.query(
        rowCount
          ? `alter role ${name} password ${password}`
          : `create role ${name} login nosuperuser nobypassrls nocreatedb nocreaterole password ${password}`,
      );
    }
  } finally {
    await owner.query('select pg_advisory_unlock(4019)');
  }
};
