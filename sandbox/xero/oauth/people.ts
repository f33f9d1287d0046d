/** Who can sign in and consent. Organisations are open to all of them. */
export interface Person {
  id: string;
  given: string;
  family: string;
  email: string;
}

export const PEOPLE: readonly Person[] = [
  { id: 'a1b2c3d4-0000-4000-8000-00000000000a', given: 'Ada', family: 'Adviser', email: 'ada@books.example' },
  { id: 'a1b2c3d4-0000-4000-8000-00000000000b', given: 'Ben', family: 'Bookkeeper', email: 'ben@books.example' },
  { id: 'a1b2c3d4-0000-4000-8000-00000000000c', given: 'Cleo', family: 'Controller', email: 'cleo@books.example' },
];

export const USUAL_PERSON = PEOPLE[0] as Person;

export function personNamed(email: string | undefined): Person | undefined {
  return PEOPLE.find((person) => person.email === email);
}
