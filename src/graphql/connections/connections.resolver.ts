import { Args, Context, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Connecting, Connections } from '../../modules/auth/index.js';
import { answer } from '../answer.js';
import { idOrNil } from '../arguments.js';
import { Refused } from '../errors/refused.js';
import { PageArgs } from '../paging.js';
import { ChecksArguments } from '../request/argument.pipe.js';
import { RequestContext } from '../request/request-context.js';
import { ConnectInvitation, ConnectionResult, ConnectResult, orRefused } from './connect.types.js';
import { ConnectionQueries } from './connection-queries.js';
import {
  BeginConnectionArgs,
  ConnectionArgs,
  ReconnectArgs,
  SetCreatesArgs,
  SetGoLiveArgs,
} from './connection.inputs.js';
import { ConnectionPage, ConnectionType } from './connection.types.js';

@Resolver()
@ChecksArguments()
export class ConnectionsResolver {
  constructor(
    private readonly queries: ConnectionQueries,
    private readonly connecting: Connecting,
    private readonly connectionsOfTenant: Connections,
  ) {}

  @Query(() => ConnectionPage, { description: 'The tenant’s companies, in the order in which they were connected.' })
  connections(@Context() { tenant }: RequestContext, @Args() { first, after }: PageArgs): Promise<ConnectionPage> {
    return this.queries.page(tenant, first, after);
  }

  @Query(() => ConnectionType, {
    nullable: true,
    description: 'One company. What no webhook tells of is asked for at once, because somebody is looking.',
  })
  connection(
    @Context() { tenant, actor }: RequestContext,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<ConnectionType | null> {
    return this.queries.open(tenant, actor, idOrNil(id));
  }

  @Mutation(() => ConnectResult, { description: 'Invites a person to connect a company.' })
  async beginConnection(
    @Context() { tenant, actor }: RequestContext,
    @Args() args: BeginConnectionArgs,
  ): Promise<ConnectInvitation | Refused> {
    const invitation = await orRefused(this.connecting.beginConnection(tenant, actor, args));
    return invitation instanceof Refused ? invitation : answer(ConnectInvitation, invitation);
  }

  @Mutation(() => ConnectResult, {
    description: 'Invites a person to renew the consent to the same company; everything else stays.',
  })
  async reconnect(
    @Context() { tenant, actor }: RequestContext,
    @Args() args: ReconnectArgs,
  ): Promise<ConnectInvitation | Refused> {
    const invitation = await orRefused(this.connecting.reconnect(tenant, actor, args));
    return invitation instanceof Refused ? invitation : answer(ConnectInvitation, invitation);
  }

  @Mutation(() => ConnectionResult, {
    description: 'Stops all work, gives the consent back and keeps the history. Ending what is ended changes nothing.',
  })
  async disconnect(
    @Context() { tenant, actor }: RequestContext,
    @Args() { connection }: ConnectionArgs,
  ): Promise<ConnectionType | Refused> {
    const ended = await orRefused(this.connectionsOfTenant.disconnect(tenant, actor, connection));
    return ended instanceof Refused ? ended : answer(ConnectionType, this.queries.shown(ended));
  }

  @Mutation(() => ConnectionResult, { description: 'From which date on documents are written.' })
  async setGoLive(
    @Context() { tenant, actor }: RequestContext,
    @Args() { connection, goLive }: SetGoLiveArgs,
  ): Promise<ConnectionType | Refused> {
    const changed = await orRefused(this.connectionsOfTenant.setGoLive(tenant, actor, connection, goLive));
    return changed instanceof Refused ? changed : answer(ConnectionType, this.queries.shown(changed));
  }

  @Mutation(() => ConnectionResult, {
    description: 'Which reference kinds may be created in the books; records of the others are linked by people.',
  })
  async setCreates(
    @Context() { tenant, actor }: RequestContext,
    @Args() { connection, kinds }: SetCreatesArgs,
  ): Promise<ConnectionType | Refused> {
    const changed = await orRefused(this.connectionsOfTenant.setCreates(tenant, actor, connection, kinds));
    return changed instanceof Refused ? changed : answer(ConnectionType, this.queries.shown(changed));
  }
}
