/** A value as a member of a union: the schema tells members apart by their class. */
export const answer = <Member extends object>(of: new () => Member, value: Member): Member =>
  Object.assign(new of(), value);
