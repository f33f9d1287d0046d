import type { Type } from '@nestjs/common';
import { ArgsType, Field, Int, ObjectType, type ReturnTypeFunc } from '@nestjs/graphql';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { z } from 'zod';
import { ApiError } from './errors/api-error.js';

/** Every list is a page of 1 to this many. */
export const PAGE_MOST = 100;

@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 20, description: 'How many at most, 1 to 100.' })
  @IsInt()
  @Min(1)
  @Max(PAGE_MOST)
  first: number = 20;

  @Field(() => String, { nullable: true, description: 'The cursor after which the page begins.' })
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  after?: string;
}

@ObjectType()
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: 'The cursor of the last entry.' })
  endCursor!: string | null;
}

export interface Page<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: PageInfo;
}

/** The base of the schema's type for pages of a node; the edges' type is `<name>Edge`. */
export const pageType = <Node>(name: string, node: ReturnTypeFunc): Type<Page<Node>> => {
  @ObjectType(`${name}Edge`)
  class Edge {
    @Field(() => String)
    cursor!: string;

    @Field(node)
    node!: Node;
  }

  @ObjectType({ isAbstract: true })
  class PageOf {
    @Field(() => [Edge])
    edges!: Edge[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;
  }
  return PageOf;
};

/**
 * Cursors of one list: a place in an order that inserts do not disturb, opaque to callers. A cursor of another list is
 * refused.
 */
export class Cursors<Place> {
  private readonly form: z.ZodType<readonly [string, Place]>;

  constructor(
    private readonly list: string,
    place: z.ZodType<Place>,
  ) {
    this.form = z.tuple([z.literal(list), place]) as unknown as z.ZodType<readonly [string, Place]>;
  }

  write(place: Place): string {
    return Buffer.from(JSON.stringify([this.list, place])).toString('base64url');
  }

  read(cursor: string | undefined): Place | undefined {
    if (cursor === undefined) return undefined;
    const read = this.form.safeParse(parsed(cursor));
    if (!read.success) throw badCursor();
    return read.data[1];
  }

  /**
   * A page out of the rows that were read, of which there is one more than asked for where there is more.
   */
  page<Row, Node>(
    rows: readonly Row[],
    first: number,
    placeOf: (row: Row) => Place,
    nodeOf: (row: Row) => Node,
  ): Page<Node> {
    const edges = rows.slice(0, first).map((row) => ({ cursor: this.write(placeOf(row)), node: nodeOf(row) }));
    return { edges, pageInfo: { hasNextPage: rows.length > first, endCursor: edges.at(-1)?.cursor ?? null } };
  }
}

export const badCursor = (): ApiError =>
  new ApiError('BAD_INPUT', undefined, [{ path: 'after', rule: 'cursor', message: 'is no cursor of this list' }]);

const parsed = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
};

/** An instant inside a cursor; all stored times have milliseconds. */
export const instant = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (time) => time.toISOString(),
});
