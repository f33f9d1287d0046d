import { createUnionType, Field, GraphQLISODateTime, ObjectType } from '@nestjs/graphql';
import { ConnectRefusedError, type ConnectRefusal } from '../../modules/auth/index.js';
import { invalid, notFound, Refused } from '../errors/refused.js';
import { ConnectionType } from './connection.types.js';

@ObjectType({ description: 'Send the person’s browser there; it comes back to the return URL with a result.' })
export class ConnectInvitation {
  @Field(() => String, { description: 'A page of Concord’s that works once, in one browser.' })
  authorizeUrl!: string;

  @Field(() => GraphQLISODateTime)
  expiresAt!: Date;
}

export const ConnectResult = createUnionType({
  name: 'ConnectResult',
  types: () => [ConnectInvitation, Refused] as const,
});

export const ConnectionResult = createUnionType({
  name: 'ConnectionResult',
  description: 'The connection as it is now.',
  types: () => [ConnectionType, Refused] as const,
});

/** What the use case refused, as a member of the answer; everything else goes on. */
export const orRefused = async <Answer>(work: Promise<Answer>): Promise<Answer | Refused> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConnectRefusedError) return refusedFor(error.code, error.message);
    throw error;
  }
};

const refusedFor = (code: ConnectRefusal, message: string): Refused => {
  switch (code) {
    case 'unknown_connection':
      return notFound();
    case 'connection_ended':
      return new Refused('CONNECTION_ENDED');
    case 'provider_not_set_up':
      return new Refused('PROVIDER_NOT_SET_UP');
    case 'unknown_provider':
      return invalid([{ path: 'provider', rule: 'known', message }]);
    case 'return_url_not_allowed':
      return invalid([{ path: 'returnUrl', rule: 'allowed', message }]);
    case 'invalid_go_live':
      return invalid([{ path: 'goLive', rule: 'date', message }]);
    case 'not_a_reference_kind':
      return invalid([{ path: 'kinds', rule: 'reference', message }]);
  }
};
