/**
 * Ids of this vendor are opaque base64 texts (sheet 2.3). They are never taken apart to learn what they name; only
 * whether one is another business's is looked at, because such an id must neither be sent nor be taken for a deleted one.
 */

const OPAQUE = /^[A-Za-z0-9+/]{16,400}={0,2}$/;

/** Whether an id may be one of this business's records; anything else is never put into a request. */
export const mayBeOf = (business: string, id: string): boolean => {
  if (!OPAQUE.test(id)) return false;
  const said = decoded(id);
  return !said.startsWith('Business:') || said.startsWith(`${decoded(business)};`);
};

const decoded = (id: string): string => Buffer.from(id, 'base64').toString('utf8');

/** An id as the API says it, from one that a webhook may have said bare: which of the two it does is not told. */
export const businessIdFrom = (said: string): string =>
  UUID.test(said) ? encoded(`Business:${said.toLowerCase()}`) : said;

/** The same for what belongs to a business; `type` is the vendor's name of it. */
export const childIdFrom = (business: string, type: string, said: string): string =>
  /^\d{1,20}$/.test(said) ? encoded(`${decoded(business)};${type}:${said}`) : said;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const encoded = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/**
 * Customers and vendors make one kind, so our ids of them say which list they stand in: `Customer:QnVz…`.
 */
export const withList = (list: string | undefined, id: string): string => (list === undefined ? id : `${list}:${id}`);

/** The vendor's id in an id of ours; undefined where it is an id of another list. */
export const withoutList = (list: string | undefined, id: string): string | undefined =>
  list === undefined ? id : id.startsWith(`${list}:`) ? id.slice(list.length + 1) : undefined;
