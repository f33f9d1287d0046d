import { Controller, HttpCode, HttpException, Param, Post, type RawBodyRequest, Req } from '@nestjs/common';
import type { Request } from 'express';
import { NoticeInbox } from './notice-inbox.js';

/** `POST /webhooks/<provider>`: raw bytes in, an empty answer out (providers' sheets, "webhooks"). */
@Controller('webhooks')
export class WebhookController {
  constructor(private readonly inbox: NoticeInbox) {}

  @Post(':provider')
  @HttpCode(200)
  async receive(@Param('provider') provider: string, @Req() request: RawBodyRequest<Request>): Promise<void> {
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    );
    const receipt = await this.inbox.receive(provider, { headers, body: request.rawBody ?? new Uint8Array() });
    // An unknown provider and a bad signature get the same answer.
    if (receipt !== 'stored') throw new HttpException('', 401);
  }
}
