import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsString, Length, Matches } from 'class-validator';

const NIL = '00000000-0000-0000-0000-000000000000';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id that cannot be one names nothing, and is answered exactly like one that nothing has. */
export const idOrNil = (id: unknown): string => (typeof id === 'string' && UUID.test(id) ? id.toLowerCase() : NIL);

/** An id that Concord gave: of a connection, a conflict, a walk. */
export const IsOwnId = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (value === undefined || value === null ? value : idOrNil(value))),
    IsString(),
  );

/** A text that PostgreSQL can hold, of `min` to `max` characters. */
export const IsText = (min: number, max: number): PropertyDecorator =>
  applyDecorators(
    IsString(),
    Length(min, max),
    Matches(/^[^\u0000\ud800-\udfff]*$/u, { message: '$property must be well-formed text without NUL characters' }),
  );

/** A day, `YYYY-MM-DD`. */
export const IsDay = (): PropertyDecorator =>
  applyDecorators(
    IsString(),
    Matches(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, { message: '$property must be a day such as 2026-03-02' }),
  );
