import { Controller, HttpCode, HttpException, Param, Post, Req } from '@nestjs/common';
import { raw, type Request } from 'express';
import { NoticeInbox } from './notice-inbox.js';

/**
 * The bytes as they came, whatever they call themselves: the signature is over them, and what is signed is stored even if
 * it cannot be read (ENGINE F1). Vendors send some hundred events at a time.
 */
export const rawBody = raw({ type: () => true, limit: '5mb' });

/** `POST /webhooks/<provider>`: raw bytes in, an empty answer out (providers' sheets, "webhooks"). */
@Controller('webhooks')
export class WebhookController {
  constructor(private readonly inbox: NoticeInbox) {}

  @Post(':provider')
  @HttpCode(200)
  async receive(@Param('provider') provider: string, @Req() request: Request): Promise<void> {
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    );
    const body = Buffer.isBuffer(request.body) ? request.body : new Uint8Array();
    const receipt = await this.inbox.receive(provider, { headers, body });
    // An unknown provider and a bad signature get the same answer.
    if (receipt !== 'stored') throw new HttpException('', 401);
  }
}
